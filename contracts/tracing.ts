/** An ended workflow, for a trace. Spans are identified by W3C's `traceparent`. */
export interface EndedWorkflow {
  own: string;
  parent: string | null;
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  error: string | null;
}

/** Sink through which workflows report their end to the worker. */
export type TraceSinks = {
  traces: { workflowEnded(ended: EndedWorkflow): void };
};
