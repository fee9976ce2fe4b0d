import { Worker } from "node:worker_threads";

/** Time for one step of a read. Local disks need milliseconds; a step is at most 4 MB. */
export const STEP_MS = 10_000;
/** Reads that may hang at once before further ones are refused at once: each holds a thread. */
const MAX_HANGING = 8;
/** Threads at work at once; further reads wait for one. */
const MAX_AT_WORK = 4;
const MAX_IDLE = 2;

/** A file or folder could not be looked at: the message completes a sentence that begins with its path. */
export class Unreadable extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Reply = { value: unknown } | { code: string; message: string };

const idle: Worker[] = [];
const waiting: (() => void)[] = [];
let atWork = 0;
let hanging = 0;

/** Takes a thread, which serves nothing else until it is freed. Throws Unreadable where too many reads hang. */
export async function takeThread(stepMs = STEP_MS): Promise<GivenThread> {
  if (atWork >= MAX_AT_WORK) await new Promise<void>((settle) => waiting.push(settle));
  else atWork++;
  if (hanging >= MAX_HANGING) leave();
  if (hanging >= MAX_HANGING)
    throw new Unreadable("EAGAIN", `was not read: ${hanging} files named earlier still do not answer`);
  const worker = idle.pop() ?? new Worker(new URL("./thread.mjs", import.meta.url), { execArgv: [], env: {} });
  worker.ref();
  return new GivenThread(worker, stepMs);
}

/** Passes the place on to a read that waits. */
function leave(): void {
  const next = waiting.shift();
  if (next) next();
  else atWork--;
}

/** Runs `work` with a thread. */
export async function onThread<T>(work: (thread: GivenThread) => Promise<T>, stepMs = STEP_MS): Promise<T> {
  const thread = await takeThread(stepMs);
  try {
    return await work(thread);
  } finally {
    thread.free();
  }
}

/** One thread, asked step by step. */
export class GivenThread {
  /** True once a step took too long: the thread is given up. */
  private lost = false;

  constructor(
    private readonly worker: Worker,
    private readonly stepMs: number,
  ) {}

  /** Gives the thread back; it may then no longer be asked. */
  free(): void {
    this.worker.unref();
    leave();
    if (this.lost) return;
    if (idle.length < MAX_IDLE) idle.push(this.worker);
    else void this.worker.terminate();
  }

  async ask<T>(call: string, given: Record<string, unknown>): Promise<T> {
    const reply = await this.reply({ call, ...given });
    if ("value" in reply) return reply.value as T;
    throw new Unreadable(reply.code, reasonOf(reply));
  }

  private reply(message: unknown): Promise<Reply> {
    return new Promise((settle, fail) => {
      const { worker } = this;
      const end = (act: () => void) => {
        clearTimeout(timer);
        worker.off("message", onReply).off("error", onError);
        act();
      };
      const onReply = (reply: Reply) => end(() => settle(reply));
      const onError = (error: Error) => end(() => fail(this.dropped("ETHREAD", error.message)));
      const late = () => end(() => fail(this.givenUp()));
      // After a long computation on this thread the reply may lie unread: it is looked at once more.
      const timer = setTimeout(() => setTimeout(late, 100).unref(), this.stepMs);
      worker.on("message", onReply).on("error", onError);
      worker.postMessage(message);
    });
  }

  private givenUp(): Unreadable {
    hanging++;
    void this.worker.terminate().finally(() => hanging--);
    return this.dropped("ETIMEDOUT", `did not answer within ${this.stepMs / 1000} s: is it on a mount that is gone?`);
  }

  private dropped(code: string, why: string): Unreadable {
    this.lost = true;
    return new Unreadable(code, why);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read",
  EPERM: "may not be read",
  ELOOP: "is a symbolic link",
  ENAMETOOLONG: "has a name that is too long",
  ERR_INVALID_ARG_VALUE: "is no name of a file",
};

function reasonOf({ code, message }: { code: string; message: string }): string {
  return REASONS[code] ?? `cannot be read: ${message}`;
}
