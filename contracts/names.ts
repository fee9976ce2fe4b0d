/** The stages of the pipeline, in order. Code, CLI, JSON and Web UI use the same words. */
export const STAGES = ["ingest", "embed", "build-index", "train", "evaluate", "deploy"] as const;
export type StageName = (typeof STAGES)[number];

/** Every kind of answer, and whether it answers its question. */
export const ANSWER_KINDS = {
  llm: { answers: true },
  extractive: { answers: true },
  unsure: { answers: false },
  abstained: { answers: false },
  degraded: { answers: false },
} as const;
/** `unsure`: the closest quotes, which may not answer the question. `degraded`: passages, because the LLM failed. */
export type AnswerKind = keyof typeof ANSWER_KINDS;

/** Why docs of which no page is held out train nothing, in words that follow "not trained: ". */
export const UNMEASURABLE = "no held-out page gives a question, so only a question set (--questions) could measure it";

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

/** Typed search attributes. Set-up registers them on the embedded server, and `winnow doctor` checks them. */
export const SEARCH_ATTRIBUTES = {
  WinnowCorpus: "Keyword",
  WinnowRelease: "Keyword",
  WinnowStage: "Keyword",
  WinnowOutcome: "Keyword",
  WinnowNdcg: "Double",
} as const;

/**
 * Temporal header that carries `{"traceparent": ...}` (W3C Trace Context) to workflows and activities. Temporal's own
 * OpenTelemetry interceptors use the same header, so a service with those shares its trace when it starts `ask`.
 */
export const TRACE_HEADER = "_tracer-data";

/** Largest payload, in bytes, that Winnow lets through Temporal. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Workflow id of the lock that allows one pipeline run at a time for a named corpus. */
export function corpusLockId(corpus: string): string {
  return `winnow-lock-${corpus}`;
}

/** Workflow id of a corpus's candidate that waits for approval. The next candidate replaces it. */
export function approvalId(corpus: string): string {
  return `winnow-approval-${corpus}`;
}

/** Failure type of an activity whose worker shuts down: it must run again elsewhere. */
export const WORKER_SHUTDOWN = "WorkerShutdown";

/** Failure type of an activity whose artifact store is unavailable after the store client's own retries. */
export const STORE_UNAVAILABLE = "StoreUnavailable";

/** Failure types of an unavailable store. Pipelines wait until it is back; questions fail. */
export const OUTAGES = [STORE_UNAVAILABLE, "VectorServerUnavailable"] as const;

/** Signal by which a long activity reports its progress to its run, for the details in the Web UI. */
export const STAGE_PROGRESS = "stageProgress";

/** Query of workflow `ask` for the candidates that the LLM answers from. */
export const RANKED_QUERY = "ranked";

/** Start of the workflow ids of questions that no user asked, such as those of `npm start`. */
export const DEMO_PREFIX = "ask-demo-";

/** Characters of the longest question. */
export const MAX_QUESTION = 10_000;
export const QUESTION_TOO_LONG = "a question is at most 10,000 characters";

/** Characters of the longest comment on an answer. */
export const MAX_COMMENT = 2000;

/** Name of a corpus: it is part of paths, keys and workflow ids. */
export const CORPUS_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const CORPUS_NAME_IN_WORDS = "lower-case letters, digits, dot, dash, underscore";

/** Id of a release, or the start of one. */
export const RELEASE_ID = /^[0-9a-f]{1,64}$/;

/** Address that docs are published under: http or https, or a path on whatever host. */
export const DOCS_ADDRESS =
  /^(?=.{1,2000}$)(?:https?:\/\/[^\s\p{Cc}\p{Cf}/?#@\\:"'<>`[\]]+(?::\d{1,5})?)?(?:\/(?!\/)[^\s\p{Cc}\p{Cf}?#\\"<>`]*)?$/u;
