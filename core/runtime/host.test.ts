import { fork } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isAlive } from "../../tests/isAlive.ts";
import { WinnowError } from "../base/errors.ts";
import { taskRunner } from "./host.ts";
import { serviceOpener } from "./service.ts";

const tasks = new URL("./testing/tasks.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its own task's result
const runTask = taskRunner<Record<string, (args: any) => Promise<any>>>(tasks);
// biome-ignore lint/suspicious/noExplicitAny: the same for services
const openService = serviceOpener<Record<string, (args: any) => Promise<any>>>(tasks);

describe.concurrent("a task", () => {
  test("returns its value, typed arrays included", async () => {
    const value = { vector: new Float32Array([1.5, -2]), nested: [null, "ü"] };
    expect(await runTask("echo", { value })).toEqual(value);
  });

  test("reports its progress, the last step included", async () => {
    const steps: number[] = [];
    const options = { onProgress: ({ step }: { step: number }) => steps.push(step) };
    expect(await runTask("count", { to: 20 }, options)).toBe(20);
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  test("rejects with the error that the task threw", async () => {
    await expect(runTask("refuse", {})).rejects.toMatchObject({
      code: "BadSource",
      message: /nothing in \/docs/,
      retryAfterMs: 3000,
    });
    await expect(runTask("diskFull", {})).rejects.toMatchObject({ code: "StorageFailed", message: /disk is full/ });
    await expect(runTask("nothing", {})).rejects.toMatchObject({ code: "BadInput" });
  });

  test("that crashes is a typed error, and this process survives", async () => {
    await expect(runTask("abort", {})).rejects.toMatchObject({ code: "ComputeCrashed", message: /SIGABRT/ });
    await expect(runTask("leave", {})).rejects.toMatchObject({ code: "ComputeCrashed", message: /exit code 7/ });
  });

  test("that runs out of heap suggests a smaller batch", async () => {
    await expect(runTask("heap", {}, { memory: 60 })).rejects.toMatchObject({
      code: "OutOfMemory",
      message: expect.stringContaining("smaller batch size"),
    });
  });

  test("inherits only the environment it is given", async () => {
    process.env.WINNOW_LLM_API_KEY = "sk-secret";
    const seen = await runTask("environment", {}, { env: { LANG: "C" }, threads: 2 });
    delete process.env.WINNOW_LLM_API_KEY;
    expect(JSON.stringify(seen)).not.toContain("sk-secret");
    expect(seen).toMatchObject({ LANG: "C", OMP_NUM_THREADS: "2" });
  });
});

describe.concurrent("cancelling", () => {
  const cancelAfter = (ms: number) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), ms);
    return { signal: stop.signal };
  };

  test("gives a task that handles the signal time to save its work", async () => {
    const stop = new AbortController();
    const saved = join(mkdtempSync(join(tmpdir(), "winnow-host-")), "saved");
    const ended = runTask("untilCancelled", { saved }, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(ended).rejects.toMatchObject({ code: "Cancelled" });
    expect(readFileSync(saved, "utf8")).toBe("all that was done");
  });

  test("kills a task blocked in a native call after 3 s, long before the call would end", async () => {
    const began = Date.now();
    await expect(runTask("block", { ms: 3600_000 }, cancelAfter(1000))).rejects.toMatchObject({ code: "Cancelled" });
    expect(Date.now() - began).toBeGreaterThan(3900);
  });

  test("before the start prevents the start", async () => {
    await expect(runTask("echo", {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "Cancelled" });
  });
});

describe.concurrent("a stopped process", () => {
  test("fails its task within the time given, and is gone", async () => {
    let pid = 0;
    const stop = ({ note }: { note?: string }) => {
      pid = Number(note);
      process.kill(pid, "SIGSTOP");
    };
    const ended = runTask("pid", {}, { silentMs: 4000, onProgress: stop });
    await expect(ended).rejects.toMatchObject({
      code: "ComputeCrashed",
      message: /no sign of life for 4 s: it is stopped/,
    });
    expect(isAlive(pid)).toBe(false);
  });

  test("fails the requests of its service; one that goes on in time does not", async () => {
    const adder = await openService("adder", { base: 1 }, { silentMs: 6000 });
    const pid = (await adder.request("pid")) as number;
    process.kill(pid, "SIGSTOP");
    const held = adder.request("add", 1);
    setTimeout(() => process.kill(pid, "SIGCONT"), 2000);
    expect(await held).toBe(2);
    process.kill(pid, "SIGSTOP");
    await expect(adder.request("add", 1)).rejects.toMatchObject({ code: "ComputeCrashed" });
    expect(adder.alive()).toBe(false);
    expect(isAlive(pid)).toBe(false);
  });

  test("is not one that computes: a task blocked in a native call shows life", async () => {
    await expect(runTask("block", { ms: 9000 }, { silentMs: 3000 })).resolves.toBeUndefined();
  });

  test("a request that takes too long fails, and its process with it", async () => {
    const adder = await openService("adder", { base: 1 }, { answerWithinMs: 1500 });
    expect(await adder.request("add", 1)).toBe(2);
    await expect(adder.request("hang")).rejects.toMatchObject({ code: "ComputeCrashed", message: /within 1.5 s/ });
    expect(adder.alive()).toBe(false);
  });
});

test("a blocked compute process dies with its parent", async () => {
  const parent = fork(fileURLToPath(new URL("./testing/parent.ts", import.meta.url)), [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
  });
  const pid = await new Promise<number>((settle) => parent.once("message", (child) => settle(child as number)));
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
});

describe("a service", () => {
  test("answers concurrent requests, each with its own value", async () => {
    const adder = await openService("adder", { base: 10 });
    const sums = await Promise.all([1, 2, 3].map((x) => adder.request("add", x)));
    expect(sums).toEqual([11, 12, 13]);
    expect(await adder.request("sum", new Float32Array([1, 2]))).toBe(13);
    await expect(adder.request("refuse")).rejects.toMatchObject({ code: "BadInput" });
    const pid = await adder.request("pid");
    await adder.close();
    expect(isAlive(pid as number)).toBe(false);
  });

  test("that dies fails current and later requests with a typed error", async () => {
    const adder = await openService("adder", { base: 0 });
    await expect(adder.request("crash")).rejects.toMatchObject({ code: "ComputeCrashed" });
    expect(adder.alive()).toBe(false);
    await expect(adder.request("add", 1)).rejects.toMatchObject({ code: "ComputeCrashed" });
  });

  test("that cannot open reports the reason", async () => {
    await expect(openService("broken", {})).rejects.toMatchObject({ code: "BadModel" });
    const missing = Promise.reject(new WinnowError("UnknownRelease", "there is none"));
    await expect(openService("adder", missing)).rejects.toMatchObject({ code: "UnknownRelease" });
  });
});
