import type { ChildProcess } from "node:child_process";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import { end } from "./processes.ts";
import type { OnStackEvent, StackPart } from "./stackEvents.ts";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A process that lived this long did not fail at start, so the restart pause is reset. */
const STEADY_MS = 60_000;

/** A process of the stack: how it is started, and when it is ready. */
export interface Part {
  name: StackPart;
  /** File that its output goes to. */
  log: string;
  /** Time to end after SIGTERM. */
  graceMs: number;
  start(): ChildProcess;
  /** Resolves once it serves. Throws a named error if it ends before. */
  ready(child: ChildProcess): Promise<void>;
}

export interface Supervision {
  onEvent: OnStackEvent;
  /** Receives the process id whenever the part is ready, and 0 when it has ended by itself. */
  onPid(pid: number): void;
  /** Aborts the first start; `hurry` shortens its end. */
  stop?: AbortSignal;
  hurry?: AbortSignal;
}

/** A part that runs until `end`. */
export interface Supervised {
  name: StackPart;
  /** Ends the process; sooner once `hurry` aborts. Returns true if it had to be killed. */
  end(hurry?: AbortSignal): Promise<boolean>;
}

/**
 * Starts a part and restarts it, with growing pauses, whenever it ends by itself. Resolves when it is ready for the
 * first time. Throws the part's error when it ends at the first start, and Cancelled when `stop` aborts before.
 */
export async function supervise(part: Part, { onEvent, onPid, stop, hurry }: Supervision): Promise<Supervised> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pause = FIRST_PAUSE_MS;
  let child = part.start();
  const again = (how: string | null) => {
    if (stopped) return;
    onPid(0);
    onEvent({ kind: "ended", part: part.name, how, restartSeconds: pause / 1000, log: part.log });
    timer = setTimeout(() => {
      child = part.start();
      part.ready(child).then(serving, async () => {
        // Two servers would damage one database file.
        await end(child, part.graceMs);
        again(null);
      });
    }, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  };
  const serving = () => {
    const since = Date.now();
    const ended = () => {
      if (Date.now() - since > STEADY_MS) pause = FIRST_PAUSE_MS;
      again(child.signalCode ?? `exit ${child.exitCode}`);
    };
    if (child.exitCode !== null || child.signalCode !== null) return ended();
    onPid(child.pid ?? 0);
    child.once("exit", ended);
  };
  try {
    await unlessAborted(part.ready(child), stop, "stopped while starting");
  } catch (error) {
    await end(child, part.graceMs, hurry);
    throw error;
  }
  serving();
  return {
    name: part.name,
    end(hurry) {
      stopped = true;
      clearTimeout(timer);
      return end(child, part.graceMs, hurry);
    },
  };
}
