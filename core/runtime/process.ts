import { type ChildProcess, fork } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Compute as ComputeContext } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import { nodeOptions, ownModule } from "../base/ownModules.ts";
import { type CrossedError, type FromChild, PULSE_FD, type ToChild } from "./protocol.ts";

const CHILD = fileURLToPath(ownModule("./child.ts", import.meta.url));
const STDERR_TAIL = 4000;
const KILL_GRACE_MS = 3000;
const LOOK_MS = 1000;
/** A process without a sign of life for so long is stopped, or hangs in its driver. Its thread beats twice a second. */
const SILENT_MS = 20_000;
/** Loading its modules comes before the first sign. */
const STARTING_MS = 300_000;

/** How a process computes, and its limits on this machine. */
export interface ProcessOptions extends ComputeContext {
  /** Limit of the JavaScript heap, in MB. */
  memory?: number;
  /** The child's environment, apart from thread counts. By default nothing is inherited, so no secrets leak. */
  env?: Record<string, string | undefined>;
  /** Receives the warnings of work that succeeds. */
  warn?: (text: string) => void;
  /** For tests: a shorter time without a sign of life. */
  silentMs?: number;
  /** For tests: URL of a module that replaces the caller's own `tasks` and `services`. */
  tasks?: string;
}

/** A running compute process. */
export interface Compute {
  child: ChildProcess;
  send(message: ToChild): void;
  /** Asks the process to stop, and kills it after the grace time. */
  cancel(): void;
  kill(): void;
  /** Kills the process as one that failed; `gone` gives the reason. */
  fail(reason: string): void;
  /** Resolves when the process is gone, with an error that describes its death. */
  gone: Promise<WinnowError>;
}

/** Forks a compute process, which dies with this one. */
export function startCompute(
  name: string,
  { tasks, threads, provider, vectors, stateLimits, memory, env, warn, silentMs }: ProcessOptions & { tasks: string },
  receive: (message: FromChild) => void,
): Compute {
  const child = fork(CHILD, [tasks, name], {
    execArgv: [
      ...(memory ? [`--max-old-space-size=${memory}`] : []),
      // Parsing creates much short-lived garbage; a larger nursery avoids most of its collection.
      "--max-semi-space-size=64",
      ...nodeOptions(),
    ],
    env: { ...env, ...threadVariables(threads) },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
  });
  let tail = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL);
  });
  // Sent as a message, not by arguments or environment, because it contains the vector database's key.
  child.send({ type: "compute", compute: { threads, provider, vectors, stateLimits } } satisfies ToChild, () => {});
  child.on("message", (message) => deliver(message as FromChild, receive, warn));
  let killedByUs = false;
  let failure: WinnowError | null = null;
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    killedByUs = true;
    child.kill("SIGKILL");
  };
  const fail = (reason: string) => {
    failure ??= new WinnowError("ComputeCrashed", `The ${name} process ${reason}.`);
    child.kill("SIGKILL");
  };
  const stopListening = listenForLife(child, silentMs ?? SILENT_MS, fail);
  const gone = new Promise<WinnowError>((settle) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      stopListening();
      const stopped = killedByUs ? new WinnowError("Cancelled", `${name} was stopped`) : null;
      settle(stopped ?? failure ?? deathOf(name, code, signal, tail));
    };
    child.once("close", end);
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      stopListening();
      settle(new WinnowError("ComputeCrashed", `${name} did not start: ${error.message}`));
    });
  });
  return {
    child,
    gone,
    kill,
    fail,
    // A closed channel is not an error here: `gone` reports how the process ended.
    send: (message) => void (child.connected && child.send(message, () => {})),
    cancel() {
      if (child.connected) child.send({ type: "cancel" } satisfies ToChild, () => {});
      timer ??= setTimeout(kill, KILL_GRACE_MS);
    },
  };
}

function deliver(message: FromChild, receive: (message: FromChild) => void, warn: ProcessOptions["warn"]): void {
  if (message.type === "warning") warn?.(message.text);
  else receive(message);
}

/**
 * Fails a process without a sign of life. Counts looks instead of time: while this process itself is stopped or blocked,
 * it takes none. Returns the function that ends it.
 */
function listenForLife(child: ChildProcess, silentMs: number, fail: (reason: string) => void): () => void {
  let looks = 0;
  let begun = false;
  const beats = child.stdio[PULSE_FD] as Readable;
  const alive = () => {
    looks = 0;
    begun = true;
  };
  child.on("message", alive);
  beats.on("data", alive);
  beats.on("error", () => {});
  const timer = setInterval(() => {
    const allowed = begun ? silentMs : STARTING_MS;
    if (++looks * LOOK_MS >= allowed)
      fail(`gave no sign of life for ${allowed / 1000} s: it is stopped, or hangs. It was killed`);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function threadVariables(threads: number | undefined): Record<string, string> {
  if (threads === undefined) return {};
  return { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}` };
}

/** Describes the death of a process that sent no error of its own. */
function deathOf(name: string, code: number | null, signal: NodeJS.Signals | null, tail: string): WinnowError {
  const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
  const last = tail.trim() === "" ? "" : ` Its last output:\n${tail.trim()}`;
  if (/out of memory|bad_alloc|failed to allocate memory|cannot allocate memory/i.test(tail))
    return new WinnowError(
      "OutOfMemory",
      `The ${name} process ran out of memory. Use a smaller batch size, or give it more memory.${last}`,
    );
  const hint = signal === "SIGKILL" ? " The kernel does this when memory runs out." : "";
  return new WinnowError("ComputeCrashed", `The ${name} process ${how}.${hint}${last}`);
}

/** Restores an error that the child threw. */
export function revive(error: CrossedError): Error {
  const { code, message, stack, retryAfterMs } = error;
  const revived = code ? new WinnowError(code, message, { retryAfterMs }) : new Error(message);
  if (stack) revived.stack = stack;
  return revived;
}
