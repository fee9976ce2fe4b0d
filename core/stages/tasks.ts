import { ownModule } from "../base/ownModules.ts";
import type { WorkContext } from "../base/progress.ts";
import { taskRunner } from "../runtime/host.ts";
import { type StageTasks, works } from "./works.ts";

type Task<A, R> = (args: A, ctx: WorkContext) => Promise<R>;

/** Loads each module on first use, so that a process holds only the native libraries of its own work. */
function lazily<A, R>(load: () => Promise<Task<A, R>>): Task<A, R> {
  return async (args, ctx) => (await load())(args, ctx);
}

function stageTask({ file, name }: { file: string; name: string }): Task<never, unknown> {
  return lazily(async () => (await import(ownModule(file, import.meta.url).href))[name]);
}

/** Tasks of a compute process: the work of each stage, and that of commands. Arguments and results are plain JSON. */
export const tasks = {
  ...(Object.fromEntries(Object.entries(works).map(([key, work]) => [key, stageTask(work)])) as unknown as StageTasks),
  evaluateRelease: lazily(async () => (await import("./work/evaluate.ts")).evaluateRelease),
  rerank: lazily(async () => (await import("../serving/rerankLines.ts")).rerankLines),
  describeNative: lazily(async () => (await import("./work/describeNative.ts")).describeNative),
  tryModel: lazily(async () => (await import("../models/installing/tryModel.ts")).tryModel),
  trainFromPairs: lazily(async () => (await import("./work/standalone.ts")).trainFromPairs),
} as const;

/** Runs one of `tasks` in a compute process. */
export const runTask = taskRunner<typeof tasks>(import.meta.url);

export type TaskName = keyof typeof tasks;
