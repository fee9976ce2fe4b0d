import type { TaskContext } from "../../core/native/task.ts";
import type { TrainingOptions } from "../../core/training/settings.ts";
import { trainCrossEncoder } from "../../core/training/trainer.ts";

/** The real trainer with all its options, as a compute process runs it. */
export const tasks = { train: (options: TrainingOptions, ctx: TaskContext) => trainCrossEncoder(options, ctx) };
