/**
 * Runs tasks one after another, as a worker's compute process does. A request is `{task, args}`, its reply `{result,
 * cpuSeconds}`.
 */
import { createInterface } from "node:readline";
import { quietContext, type WorkContext } from "../../core/base/progress.ts";
import { type TaskName, tasks } from "../../core/stages/tasks.ts";

const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { task, args } = JSON.parse(line) as { task: TaskName; args: never };
  const before = process.cpuUsage();
  const result = await (tasks[task] as (args: never, context: WorkContext) => Promise<unknown>)(args, quietContext());
  const { user, system } = process.cpuUsage(before);
  tell({ result, cpuSeconds: (user + system) / 1e6 });
}
