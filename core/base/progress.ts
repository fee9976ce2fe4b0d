import type { Compute } from "./compute.ts";
/** A progress report: `step` of `of`, and a note for people. */
export interface TaskProgress {
  step: number;
  of: number;
  note?: string;
}

/** Passed to every long-running function of core: receives progress, carries cancellation. */
export interface TaskContext {
  progress(progress: TaskProgress): void;
  signal: AbortSignal;
}

/** Passed to work that opens models and indexes. */
export interface WorkContext extends TaskContext {
  compute: Compute;
}

/** A context for scripts and tests that ignores progress. */
export function quietContext(compute: Compute = {}): WorkContext {
  return { progress: () => {}, signal: new AbortController().signal, compute };
}
