import { openVectors } from "../../core/artifacts/vectors.ts";
import type { WorkContext } from "../../core/base/progress.ts";
import { openVectorIndex } from "../../core/retrieval/openIndex.ts";
import { trainPrepared } from "../../core/stages/work/trainPrepared.ts";
import type { TrainingOptions } from "../../core/training/loop/settings.ts";
import { trainCrossEncoder } from "../../core/training/loop/trainer.ts";

// The real trainer and the real index, with all options of compute processes.

export const tasks = {
  train: ({ leaseMs, ...options }: TrainingOptions & { leaseMs?: number }, ctx: WorkContext) =>
    trainCrossEncoder(options, ctx, { leaseMs }),
  trainPrepared,
};

export const services = {
  index: async ({ embedDir, folder }: { embedDir: string; folder: string }, _ctx: WorkContext) => {
    const index = await openVectorIndex(folder, await openVectors([embedDir]));
    return { search: async (query: Float32Array) => [...(await index.search(query, 5)).positions] };
  },
};
