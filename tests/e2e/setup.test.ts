import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCliConfig } from "../../config/cliConfig.ts";
import { embedderDir } from "../../core/models/locate.ts";
import type { Check } from "../../core/upkeep/doctor.ts";
import { freshHome, root, winnow, winnowJson } from "./command.ts";

const { cache } = readCliConfig();

function setUp(env: NodeJS.ProcessEnv = {}) {
  const script = join(root, "scripts", "bootstrap.mjs");
  const ended = spawnSync(process.execPath, [script], { encoding: "utf8", env: { ...process.env, ...env } });
  return { code: ended.status, lines: ended.stderr.trim().split("\n") };
}

describe("set-up", () => {
  let folder: string;
  let own: NodeJS.ProcessEnv;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "winnow-setup-"));
    const PATH = [join(cache, "bin"), process.env.PATH].join(delimiter);
    own = { PATH, WINNOW_CACHE: folder, WINNOW_MODEL_DIR: embedderDir(cache) };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("does nothing if everything is present, and reports each part in a line", () => {
    const { code, lines } = setUp();
    expect(code).toBe(0);
    expect(
      lines.slice(1).map((line) =>
        line
          .trim()
          .split(/\s{2,}/)[0]!
          .slice(2),
      ),
    ).toEqual(["Node", "npm packages", "Temporal", "faiss-node", "Model weights"]);
    expect(lines.filter((line) => line.includes("…"))).toEqual([]);
  });

  it("fills an empty cache from a folder that the user names, and keeps existing files", () => {
    const { code, lines } = setUp(own);
    expect(code).toBe(0);
    expect(lines.at(-1)).toContain(`from ${embedderDir(cache)}`);
    expect(readFileSync(join(embedderDir(folder), "vocab.txt"))).toEqual(
      readFileSync(join(embedderDir(cache), "vocab.txt")),
    );
    expect(setUp(own).lines.at(-1)).toContain("cached");
  });

  it("replaces truncated weights", () => {
    truncateSync(join(embedderDir(folder), "model.safetensors"), 1000);
    expect(setUp(own).code).toBe(0);
    expect(setUp(own).lines.at(-1)).toContain("cached");
    expect(readdirSync(join(folder, "models"))).toEqual(["all-MiniLM-L6-v2"]);
  });

  it("names the cache folder when it cannot be written", () => {
    const { code, lines } = setUp({ WINNOW_CACHE: "/dev/null/winnow" });
    expect(code).toBe(1);
    expect(lines.join("\n")).toMatch(/cache folder \/dev\/null\/winnow cannot be written[\s\S]*set WINNOW_CACHE/);
  });
});

describe("winnow doctor", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterAll(() => remove());

  it("finds nothing missing after set-up", async () => {
    const { healthy, checks } = await winnowJson<{ healthy: boolean; checks: Check[] }>(home, ["doctor"]);
    expect(checks.filter((check) => check.status === "missing")).toEqual([]);
    expect(healthy).toBe(true);
    expect(checks.map((check) => check.name)).toEqual(expect.arrayContaining(["ONNX Runtime", "vector search", "LLM"]));
  });

  it("detects weights with a changed byte, and exits 1", async () => {
    const other = mkdtempSync(join(tmpdir(), "winnow-cache-"));
    mkdirSync(join(other, "models"));
    cpSync(embedderDir(cache), embedderDir(other), { recursive: true });
    truncateSync(join(embedderDir(other), "vocab.txt"), 100);
    const outcome = await winnow(home, ["doctor", "--json"], { env: { WINNOW_CACHE: other } });
    rmSync(other, { recursive: true });
    expect(outcome.code).toBe(1);
    const weights = JSON.parse(outcome.stdout).checks.find((check: Check) => check.name === "model weights");
    expect(weights).toMatchObject({
      status: "missing",
      detail: expect.stringContaining("vocab.txt"),
      fix: "npm run setup",
    });
  });

  it("reports that a named Temporal server does not answer", async () => {
    const outcome = await winnow(home, ["doctor"], { env: { TEMPORAL_ADDRESS: "127.0.0.1:9" } });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/✘ Temporal server 127\.0\.0\.1:9 \(TEMPORAL_ADDRESS\) does not answer/);
  });
});
