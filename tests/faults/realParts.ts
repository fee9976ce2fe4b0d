import type { TaskContext } from "../../core/native/task.ts";
import { openVectorIndex } from "../../core/retrieval/openIndex.ts";
import { openVectors } from "../../core/retrieval/vectors.ts";
import type { TrainingOptions } from "../../core/training/settings.ts";
import { trainCrossEncoder } from "../../core/training/trainer.ts";
import { trainPrepared } from "../../core/training/trainPrepared.ts";

// What compute processes run, with all its options, as these tests need it: the real trainer and the real index.

export const tasks = {
  train: ({ leaseMs, ...options }: TrainingOptions & { leaseMs?: number }, ctx: TaskContext) =>
    trainCrossEncoder(options, ctx, { leaseMs }),
  trainPrepared,
};

export const services = {
  index: async ({ embedDir, folder }: { embedDir: string; folder: string }) => {
    const index = await openVectorIndex(folder, await openVectors([embedDir]));
    return { search: async (query: Float32Array) => [...(await index.search(query, 5)).positions] };
  },
};
