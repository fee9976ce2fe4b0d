import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../config/read.ts";
import { environmentOf } from "../config/settings/inherited.ts";
import { QUEUES } from "../contracts/names.ts";
import { findLocalLlm } from "../core/llm/local/installed.ts";
import { type LocalLlm, startLocalLlm } from "../core/llm/local/localLlm.ts";
import { isAlive } from "../tests/isAlive.ts";
import { openWorkersLlm } from "./llm.ts";

const SET_UP = join(projectRoot, "scripts", "setup", "localLlm.mjs");
const env = environmentOf("compute", process.env);
const cache = mkdtempSync(join(tmpdir(), "winnow-llm-"));
const quiet = { log: pino({ level: "silent" }), stop: new AbortController().signal };
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** Without a model hub, so that the small model is installed everywhere. */
function setUp(...args: string[]) {
  const hubless = { ...process.env, WINNOW_CACHE: cache, HF_ENDPOINT: "http://127.0.0.1:9" };
  const { status, stderr } = spawnSync(process.execPath, [SET_UP, ...args], { env: hubless, encoding: "utf8" });
  return { status, stderr };
}

/** Processes of local models of this test. */
function processes(): number[] {
  const listed = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  return listed
    .split("\n")
    .flatMap((line) => (line.includes(cache) && line.includes("local/main.ts") ? [Number.parseInt(line, 10)] : []));
}

describe("a local LLM, with the real library and model", () => {
  let local: LocalLlm | undefined;
  beforeAll(async () => {
    const { status, stderr } = setUp();
    expect(stderr).toMatch(/SmolLM2-135M.*a toy/);
    expect(status).toBe(0);
    local = await startLocalLlm(findLocalLlm(cache, null)!, { env, threads: 1 });
  });
  afterAll(() => local?.close());

  it("is installed once, and its own file is checked before anything is fetched", () => {
    expect(setUp().stderr).toMatch(/node-llama-cpp .*cached[\s\S]*SmolLM2.*cached/);
    expect(setUp("/nowhere/model.gguf")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("does not exist"),
    });
    const text = join(cache, "text.gguf");
    writeFileSync(text, "no model");
    expect(setUp(text).stderr).toContain("is not in the GGUF format");
  });

  it("answers through Winnow's own client, and its speed was measured", async () => {
    expect(local!.speed.writes).toBeGreaterThan(0);
    expect(local!.speed.reads).toBeGreaterThan(0);
    const messages = [
      { role: "system" as const, content: "You are a helpful assistant." },
      { role: "user" as const, content: "What is the capital of France? Answer in one word." },
    ];
    const { text } = await local!.open().complete(messages);
    expect(text).toMatch(/Paris/);
  });

  it("ends a loop, and a reply at its length", async () => {
    const say = (content: string) => [{ role: "user" as const, content }];
    const llm = local!.open((settings) => ({ ...settings, maxTokens: 200 }));
    const looped = await llm.complete(
      say("Write the line `helm package mychart` again and again, 100 times. Nothing else."),
    );
    expect(looped.text.split("helm package mychart").length).toBeLessThan(10);
    const short = local!.open((settings) => ({ ...settings, maxTokens: 5 }));
    expect((await short.complete(say("Tell me a story."))).cut).toBe(true);
  });

  it("holds no secret of its parent, and shows none in its arguments", () => {
    const [pid] = processes();
    const { apiKey } = local!.endpoint();
    expect(apiKey!.length).toBeGreaterThan(20);
    for (const file of ["cmdline", "environ"])
      expect(readFileSync(`/proc/${pid}/${file}`, "utf8")).not.toContain(apiKey);
  });

  it("is started again when its process dies", async () => {
    const [pid] = processes();
    process.kill(pid!, "SIGKILL");
    await expect.poll(() => isAlive(pid!), { timeout: 5000 }).toBe(false);
    await expect.poll(() => processes().length, { timeout: 30_000 }).toBe(1);
    const ask = () =>
      local!
        .open()
        .complete([{ role: "user", content: "Say yes." }])
        .then(
          () => true,
          () => false,
        );
    await expect.poll(ask, { timeout: 60_000, interval: 500 }).toBe(true);
  });

  it("is gone after close, and after kill -9 of its parent in mid-answer", async () => {
    local!.close();
    await expect.poll(processes, { timeout: 5000 }).toEqual([]);
    const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", PARENT], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const first = await new Promise<string>((settle) => parent.stdout.once("data", (text) => settle(String(text))));
    expect(first).toContain("answering");
    expect(processes()).toHaveLength(1);
    parent.kill("SIGKILL");
    await expect.poll(processes, { timeout: 5000 }).toEqual([]);
  });
});

const PARENT = `
  const { findLocalLlm } = await import("./core/llm/local/installed.ts");
  const { startLocalLlm } = await import("./core/llm/local/localLlm.ts");
  const local = await startLocalLlm(findLocalLlm(${JSON.stringify(cache)}, null), { env: {}, threads: 1 });
  local.open().complete([{ role: "user", content: "Tell me a long story about a ship." }]).catch(() => {});
  setTimeout(() => console.log("answering"), 300);
  setInterval(() => {}, 1000);
`;

describe("a worker with a local LLM", () => {
  const config = { llm: null, cache, threads: 1, computeEnv: env };

  it("uses it and reports it, or quotes because it is too slow, absent, or damaged", async () => {
    const opened = await openWorkersLlm([QUEUES.query], { ...config, localLlm: { file: null, minSpeed: 0 } }, quiet);
    expect(opened.report).toMatchObject({ model: "smollm2-135m-instruct", baseUrl: "local" });
    expect(opened.report.note).toMatch(/tokens\/s.*a toy/);
    expect(opened.answers?.model).toBe("smollm2-135m-instruct");
    opened.close();

    const slow = await openWorkersLlm([QUEUES.query], { ...config, localLlm: { file: null, minSpeed: 1e6 } }, quiet);
    expect(slow.answers).toBeNull();
    expect(slow.report).toMatchObject({ model: null, note: expect.stringMatching(/tokens\/s.*too slow here/) });

    const absent = await openWorkersLlm(
      [QUEUES.query],
      { ...config, localLlm: { file: "/none.gguf", minSpeed: 0 } },
      quiet,
    );
    expect(absent.report.note).toContain("not installed");

    const none = await openWorkersLlm([QUEUES.gpu], { ...config, localLlm: { file: null, minSpeed: 0 } }, quiet);
    expect(none.report).toEqual({ model: null, baseUrl: null, note: null });

    truncateSync(findLocalLlm(cache, null)!.file, 1000);
    const damaged = await openWorkersLlm([QUEUES.query], { ...config, localLlm: { file: null, minSpeed: 0 } }, quiet);
    expect(damaged.report.note).toContain("pinned SHA-256");
    await expect.poll(processes, { timeout: 5000 }).toEqual([]);
  });
});
