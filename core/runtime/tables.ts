import type { WorkContext } from "../base/progress.ts";

/** Functions that a compute process runs by name. Arguments and results are plain JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a table of any functions of this shape
export type Tasks = Record<string, (args: any, context: WorkContext) => Promise<unknown>>;

export type TaskArgs<T extends Tasks, N extends keyof T> = Parameters<T[N]>[0];
export type TaskResult<T extends Tasks, N extends keyof T> = Awaited<ReturnType<T[N]>>;
