import type { WorkContext } from "../base/progress.ts";
import { taskRunner } from "../runtime/host.ts";
import { serviceOpener } from "../runtime/service.ts";

type Task<A, R> = (args: A, ctx: WorkContext) => Promise<R>;

/** Each module is loaded when it is asked for, so that a process holds only the native libraries of its own work. */
function lazily<A, R>(load: () => Promise<Task<A, R>>): Task<A, R> {
  return async (args, ctx) => (await load())(args, ctx);
}

/** What a compute process can do. Arguments and results are JSON-plain. */
export const tasks = {
  ingest: lazily(async () => (await import("./work/ingest.ts")).ingestDocs),
  embed: lazily(async () => (await import("./work/embedPassages.ts")).embedPassages),
  buildIndex: lazily(async () => (await import("./work/buildIndex.ts")).buildIndex),
  choosePassages: lazily(async () => (await import("../training/questions/written/passages.ts")).choosePassages),
  prepareTraining: lazily(async () => (await import("./work/prepare.ts")).prepareTraining),
  mineShard: lazily(async () => (await import("./work/mineShard.ts")).mineShard),
  train: lazily(async () => (await import("./work/trainPrepared.ts")).trainPrepared),
  evaluate: lazily(async () => (await import("./work/evaluate.ts")).evaluateCandidate),
  scoreShard: lazily(async () => (await import("./work/scoreShard.ts")).scoreShard),
  evaluateRelease: lazily(async () => (await import("./work/evaluate.ts")).evaluateRelease),
  rerank: lazily(async () => (await import("../serving/rerankLines.ts")).rerankLines),
  describeNative: lazily(async () => (await import("./work/describeNative.ts")).describeNative),
  trainFromPairs: lazily(async () => (await import("./work/standalone.ts")).trainFromPairs),
} as const;

/** What a compute process can keep open: an object of functions that are asked by name. */
export const services = {
  engine: lazily(async () => (await import("../serving/engine.ts")).openEngine),
} as const;

/** Runs one of `tasks` in a compute process. */
export const runTask = taskRunner<typeof tasks>(import.meta.url);
/** Opens one of `services` in a compute process. */
export const openService = serviceOpener<typeof services>(import.meta.url);

export type TaskName = keyof typeof tasks;
