import { WinnowError } from "../base/errors.ts";
import type { TaskProgress } from "../base/progress.ts";
import { type ProcessOptions, revive, startCompute } from "./process.ts";
import { WHOLE } from "./protocol.ts";
import type { TaskArgs, TaskResult, Tasks } from "./tables.ts";

export interface RunOptions extends ProcessOptions {
  signal?: AbortSignal;
  onProgress?: (progress: TaskProgress) => void;
}

/** Runs a task by name in its own process. */
export type TaskRunner<T extends Tasks> = <N extends keyof T & string>(
  name: N,
  args: TaskArgs<T, N>,
  options?: RunOptions,
) => Promise<TaskResult<T, N>>;

/** A runner of the tasks that `module`, a URL, exports as `tasks`. */
export function taskRunner<T extends Tasks>(module: string): TaskRunner<T> {
  return (name, args, options = {}) =>
    runTask(name, args, { ...options, tasks: options.tasks ?? module }) as Promise<never>;
}

/**
 * Runs a task in its own process and returns its result. Throws the task's own error; Cancelled when `signal` aborts
 * (the process is asked to stop and killed after 3 s); ComputeCrashed or OutOfMemory when the process dies.
 */
async function runTask(name: string, args: unknown, options: RunOptions & { tasks: string }): Promise<unknown> {
  if (options.signal?.aborted) throw new WinnowError("Cancelled", `${name} was cancelled before it began`);
  let outcome: { value: unknown } | { error: Error } | null = null;
  const compute = startCompute(name, options, (message) => {
    if (message.type === "progress") options.onProgress?.(message.progress);
    else if (message.type === "result" && message.id === WHOLE) outcome = { value: message.value };
    else if (message.type === "error") outcome = { error: revive(message.error) };
  });
  options.signal?.addEventListener("abort", compute.cancel, { once: true });
  compute.send({ type: "task", name, args });
  const death = await compute.gone;
  options.signal?.removeEventListener("abort", compute.cancel);
  // The task's draft folder may be published or removed only after the process is gone.
  const ended = outcome as { value: unknown } | { error: Error } | null;
  if (options.signal?.aborted) throw new WinnowError("Cancelled", `${name} was cancelled`);
  if (ended === null) throw death;
  if ("error" in ended) throw ended.error;
  return ended.value;
}
