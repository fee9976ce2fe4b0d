import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";

const wait = (ms: number) => new Promise((settle) => setTimeout(settle, ms));

/** Tasks that succeed and fail, for the tests of supervision. */
export const tasks = {
  echo: async (args: { value: unknown }) => args.value,
  environment: async () => process.env,
  count: async ({ to }: { to: number }, ctx: TaskContext) => {
    for (let step = 1; step <= to; step++) {
      ctx.progress({ step, of: to, note: "counted" });
      await wait(30);
    }
    return to;
  },
  refuse: async () => {
    throw new WinnowError("BadSource", "there is nothing in /docs", { retryAfterMs: 3000 });
  },
  diskFull: async () => {
    throw Object.assign(new Error("write"), { code: "ENOSPC", path: "/home/x" });
  },
  abort: async () => process.abort(),
  leave: async () => process.exit(7),
  heap: async () => {
    const all: number[][] = [];
    for (;;) all.push(new Array(1e6).fill(Math.random()));
  },
  untilCancelled: async ({ saved }: { saved: string }, ctx: TaskContext) => {
    ctx.progress({ step: 0, of: 1, note: "listening" });
    await new Promise((settle) => ctx.signal.addEventListener("abort", settle));
    writeFileSync(saved, "all that was done");
    throw ctx.signal.reason;
  },
  /** Reports its process id, and waits to be ended. */
  pid: async (_: unknown, ctx: TaskContext) => {
    // The pulse begins half a second after the start.
    await wait(1500);
    ctx.progress({ step: 0, of: 1, note: `${process.pid}` });
    await wait(600_000);
  },
  /** Blocks the event loop as a native call does. */
  block: async ({ ms }: { ms: number }) => {
    spawn("true");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
};

export const services = {
  adder: async ({ base }: { base: number }) => ({
    add: async (x: number) => base + x,
    sum: async (vector: Float32Array) => vector.reduce((a, b) => a + b, base),
    pid: () => process.pid,
    /** Blocks as a driver that never returns. */
    hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
    crash: () => process.abort(),
    refuse: () => {
      throw new WinnowError("BadInput", "the question is empty");
    },
  }),
  broken: async () => {
    throw new WinnowError("BadModel", "no model.onnx");
  },
};
