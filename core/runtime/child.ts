import { Worker } from "node:worker_threads";
import type { Compute } from "../base/compute.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import type { WorkContext } from "../base/progress.ts";
import { asStorageError } from "../storage/storage.ts";
import { type CrossedError, type FromChild, PULSE_FD, type ToChild, WHOLE } from "./protocol.ts";

// Entry point of a compute process: runs one task, or serves requests, for the process that forked it. Arguments: the
// module that exports the tasks and services, and a name for the process list.

const PROGRESS_INTERVAL_MS = 200;
const stop = new AbortController();
let compute: Compute = {};
let service: Record<string, (...params: unknown[]) => unknown> = {};

/**
 * Exits when the parent dies, so that no compute process outlives its worker, and shows the parent that this process is
 * not stopped. Runs in a second thread, because native calls block this one for seconds.
 */
function watchParent(parent: number): void {
  const source = `const { workerData: { parent, pulse } } = require("node:worker_threads");
    const { writeSync } = require("node:fs");
    const beat = () => {
      if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
      try { writeSync(pulse, "."); } catch {}
    };
    beat();
    setInterval(beat, 500);`;
  new Worker(source, { eval: true, workerData: { parent, pulse: PULSE_FD }, execArgv: [] }).unref();
}

/** Resolves once the message is sent: an earlier exit would lose it. */
function send(message: FromChild): Promise<void> {
  return new Promise((settle) => {
    if (process.connected) process.send!(message, () => settle());
    else settle();
  });
}

function crossed(thrown: unknown): CrossedError {
  const error = asStorageError(thrown);
  const { code, retryAfterMs } = error instanceof WinnowError ? error : { code: null, retryAfterMs: null };
  const stack = error instanceof Error ? error.stack : undefined;
  if (outOfMemory(error)) {
    const message = `${messageOf(error)}. Use a smaller batch size, or give it more memory.`;
    return { code: "OutOfMemory", message, stack, retryAfterMs };
  }
  return { code, message: messageOf(error), stack, retryAfterMs };
}

function outOfMemory(error: unknown): boolean {
  if (error instanceof WinnowError && error.code === "OutOfMemory") return false;
  return /bad_alloc|failed to allocate memory|array buffer allocation failed/i.test(messageOf(error));
}

/** Sends at most one progress message per interval, and always the last of a burst. */
function throttledContext(): WorkContext {
  let last = 0;
  let timer: NodeJS.Timeout | null = null;
  return {
    compute,
    signal: stop.signal,
    warn: (text) => void send({ type: "warning", text }),
    progress(progress) {
      if (timer) clearTimeout(timer);
      const flush = () => {
        last = Date.now();
        void send({ type: "progress", progress });
      };
      if (Date.now() - last >= PROGRESS_INTERVAL_MS) flush();
      else timer = setTimeout(flush, PROGRESS_INTERVAL_MS);
    },
  };
}

async function answer(id: number, work: () => unknown): Promise<void> {
  try {
    await send({ type: "result", id, value: await work() });
  } catch (error) {
    await send({ type: "error", id, error: crossed(error) });
  }
}

type Named = Record<string, ((args: never, context: WorkContext) => Promise<unknown>) | undefined>;

async function find(kind: "tasks" | "services", name: string) {
  const [, , module = ""] = process.argv;
  const named: Named = (await import(module))[kind];
  const found = Object.hasOwn(named, name) ? named[name] : undefined;
  if (!found) throw new WinnowError("BadInput", `${name} is not one of the ${kind}`);
  return found;
}

async function openService(name: string, args: unknown): Promise<void> {
  try {
    const open = await find("services", name);
    service = (await open(args as never, throttledContext())) as typeof service;
    await send({ type: "opened" });
  } catch (error) {
    await send({ type: "error", id: WHOLE, error: crossed(error) });
  }
}

async function receive(message: ToChild): Promise<void> {
  switch (message.type) {
    case "compute":
      compute = message.compute;
      return;
    case "task":
      await answer(WHOLE, async () => (await find("tasks", message.name))(message.args as never, throttledContext()));
      // The work is done, but native addons keep handles open.
      return process.exit(0);
    case "service":
      return openService(message.name, message.args);
    case "request":
      return answer(message.id, () => {
        const method = service[message.method];
        if (typeof method !== "function") throw new WinnowError("BadInput", `No method ${message.method}`);
        return method.apply(service, message.params);
      });
    case "cancel":
      stop.abort(new WinnowError("Cancelled", "The work was cancelled"));
  }
}

watchParent(process.ppid);
process.on("message", receive);
process.on("disconnect", () => process.exit(1));
// Ctrl-C reaches the whole terminal group; the parent decides when its children stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => stop.abort(new WinnowError("Cancelled", "The process was asked to stop")));
