import type { TaskArgs, TaskResult } from "../core/runtime/tables.ts";
import type { TaskName, tasks } from "../core/stages/tasks.ts";
import { openPinned, type Peer } from "./peer.ts";

/** A process that runs a worker's tasks on its own core. */
export type Worker = Peer;

/** One worker per core, from core 0 on (`taskset`, Linux). */
export function openWorkers(count: number): Promise<Worker[]> {
  return Promise.all(Array.from({ length: count }, (_, core) => openPinned(core, "task.ts")));
}

/** Runs a task on the worker and reports its processor time, in seconds. */
export function runTask<N extends TaskName>(
  worker: Worker,
  task: N,
  args: TaskArgs<typeof tasks, N>,
): Promise<{ result: TaskResult<typeof tasks, N>; cpuSeconds: number }> {
  return worker.request({ task, args });
}
