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

/** A context for scripts and tests that want no reports. */
export function quietContext(): TaskContext {
  return { progress: () => {}, signal: new AbortController().signal };
}
