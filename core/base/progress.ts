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
  /** Receives what the operator should know though the work succeeds. */
  warn?(text: string): void;
}

/** A context for scripts and tests that ignores progress. */
export function quietContext(compute: Compute = {}): WorkContext {
  return { progress: () => {}, signal: new AbortController().signal, compute };
}

/**
 * A context for one of several passes over the same work: its reports continue those of the passes before, so that a
 * bar over all passes never falls back. `pass` counts from 1.
 */
export function inPass<T extends TaskContext>(context: T, pass: number, passes: number): T {
  const progress = ({ step, of, note = "" }: TaskProgress) =>
    context.progress({
      step: (pass - 1) * of + step,
      of: passes * of,
      note: passes > 1 ? `${note}, pass ${pass} of ${passes}` : note,
    });
  return { ...context, progress };
}
