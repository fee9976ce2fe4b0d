/** A workflow that has ended, as a trace sees it; places in it as W3C's `traceparent`. */
export interface EndedWorkflow {
  own: string;
  parent: string | null;
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  error: string | null;
}

/** Sink by which workflows report their end to the worker. */
export type TraceSinks = {
  traces: { workflowEnded(ended: EndedWorkflow): void };
};
