import type { TaskArgs, TaskResult } from "../core/runtime/tables.ts";
import type { TaskName, tasks } from "../core/stages/tasks.ts";
import { openPinned, type Peer } from "./peer.ts";

/** A process that does a worker's tasks on a core of its own. */
export type Worker = Peer;

/** One worker a core, from core 0 on (`taskset`, Linux). */
export function openWorkers(count: number): Promise<Worker[]> {
  return Promise.all(Array.from({ length: count }, (_, core) => openPinned(core, "task.ts")));
}

/** Runs a task there and says what processor time it took, in seconds. */
export function runTask<N extends TaskName>(
  worker: Worker,
  task: N,
  args: TaskArgs<typeof tasks, N>,
): Promise<{ result: TaskResult<typeof tasks, N>; cpuSeconds: number }> {
  return worker.request({ task, args });
}
