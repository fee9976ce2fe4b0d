/** The stages of the pipeline, in order. One word everywhere: code, CLI, JSON, Web UI. */
export const STAGES = ["ingest", "embed", "build-index", "train", "evaluate", "deploy"] as const;
export type StageName = (typeof STAGES)[number];

/** Temporal task queues. A cpu worker polls `main` and `cpu`; gpu polls `gpu`; query polls `query`. */
export const QUEUES = {
  main: "winnow",
  cpu: "winnow-cpu",
  gpu: "winnow-gpu",
  query: "winnow-query",
} as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

/** Workflow types, as given to `temporal workflow start --type`. */
export const WORKFLOWS = {
  pipeline: "pipeline",
  ask: "ask",
  corpusLock: "corpusLock",
  promote: "promote",
  rollback: "rollback",
  approval: "approval",
} as const;

/** Typed search attributes, registered by set-up on the embedded server and checked by `winnow doctor`. */
export const SEARCH_ATTRIBUTES = {
  WinnowCorpus: "Keyword",
  WinnowRelease: "Keyword",
  WinnowStage: "Keyword",
  WinnowOutcome: "Keyword",
  WinnowNdcg: "Double",
} as const;

/**
 * Temporal header that carries `{"traceparent": ...}` (W3C Trace Context) to workflows and activities: the one that
 * Temporal's own OpenTelemetry interceptors use, so that a service which has them and starts `ask` shares its trace.
 */
export const TRACE_HEADER = "_tracer-data";

/** Largest payload, in bytes, that Winnow lets through Temporal. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Workflow id of the lock that keeps one pipeline run at a time for a named corpus. */
export function corpusLockId(corpus: string): string {
  return `winnow-lock-${corpus}`;
}

/** Workflow id of the candidate of a corpus that waits for a person; the next candidate takes its place. */
export function approvalId(corpus: string): string {
  return `winnow-approval-${corpus}`;
}

/** Type of the failure of an activity whose worker shuts down: it is to run again elsewhere. */
export const WORKER_SHUTDOWN = "WorkerShutdown";

/** Type of the failure of an activity whose store of artifacts is away, after what its client itself tried. */
export const STORE_UNAVAILABLE = "StoreUnavailable";

/** Failure types of activities that say a store could not be asked: pipelines wait until it is back, questions do not. */
export const OUTAGES = [STORE_UNAVAILABLE, "VectorServerUnavailable"] as const;

/** Signal by which a long activity tells its run how far it is, for the details in the Web UI. */
export const STAGE_PROGRESS = "stageProgress";
