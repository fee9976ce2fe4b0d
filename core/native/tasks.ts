import type { TaskContext } from "./task.ts";

type Task<A, R> = (args: A, ctx: TaskContext) => Promise<R>;

/** Each module is loaded when it is asked for, so that a process holds only the native libraries of its own work. */
function lazily<A, R>(load: () => Promise<Task<A, R>>): Task<A, R> {
  return async (args, ctx) => (await load())(args, ctx);
}

/** What a compute process can do. Arguments and results are JSON-plain. */
export const tasks = {
  ingest: lazily(async () => (await import("../corpus/ingest.ts")).ingestDocs),
  embed: lazily(async () => (await import("../retrieval/embedPassages.ts")).embedPassages),
  buildIndex: lazily(async () => (await import("../retrieval/buildIndex.ts")).buildIndex),
  choosePassages: lazily(async () => (await import("../training/written/passages.ts")).choosePassages),
  prepareTraining: lazily(async () => (await import("../training/prepare.ts")).prepareTraining),
  mineShard: lazily(async () => (await import("../training/mineShard.ts")).mineShard),
  train: lazily(async () => (await import("../training/trainPrepared.ts")).trainPrepared),
  evaluate: lazily(async () => (await import("../evaluation/evaluate.ts")).evaluateCandidate),
  scoreShard: lazily(async () => (await import("../evaluation/scoreShard.ts")).scoreShard),
  evaluateRelease: lazily(async () => (await import("../evaluation/evaluate.ts")).evaluateRelease),
  rerank: lazily(async () => (await import("../reranker/rerankLines.ts")).rerankLines),
  describeNative: lazily(async () => (await import("./describeNative.ts")).describeNative),
  trainFromPairs: lazily(async () => (await import("../training/standalone.ts")).trainFromPairs),
} as const;

/** What a compute process can keep open: an object of functions that are asked by name. */
export const services = {
  engine: lazily(async () => (await import("../answering/engine.ts")).openEngine),
} as const;

type Awaitable<F extends (...args: never[]) => unknown> = Awaited<ReturnType<F>>;
export type TaskName = keyof typeof tasks;
export type TaskArgs<N extends TaskName> = Parameters<(typeof tasks)[N]>[0];
export type TaskResult<N extends TaskName> = Awaitable<(typeof tasks)[N]>;

export type ServiceName = keyof typeof services;
export type ServiceArgs<N extends ServiceName> = Parameters<(typeof services)[N]>[0];
export type ServiceApi<N extends ServiceName> = Awaitable<(typeof services)[N]>;
