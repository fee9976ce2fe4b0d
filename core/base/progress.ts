import type { Compute } from "./compute.ts";
/** What a long piece of work reports: `step` of `of`, and a line for people. */
export interface TaskProgress {
  step: number;
  of: number;
  note?: string;
}

/** Given to every long-running function of core: where to report, when to stop. */
export interface TaskContext {
  progress(progress: TaskProgress): void;
  signal: AbortSignal;
}

/** Given to a whole piece of work, which opens models and indexes. */
export interface WorkContext extends TaskContext {
  compute: Compute;
}

/** A context for scripts and tests that want no reports. */
export function quietContext(compute: Compute = {}): WorkContext {
  return { progress: () => {}, signal: new AbortController().signal, compute };
}
