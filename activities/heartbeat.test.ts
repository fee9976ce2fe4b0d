import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import type { ArtifactStore } from "../core/artifacts/store.ts";
import { stateFolder } from "../core/upkeep/homeFixture.ts";
import { createBuildIndexActivities } from "./buildIndex.ts";
import { createEmbedActivities } from "./embed.ts";
import type { StageDeps } from "./stageRunner.ts";
import { createPrepareActivities, createTrainActivities } from "./train.ts";

test.each(["embed", "buildIndex", "prepareTraining", "train"] as const)(
  "%s fetches its input, which a bucket may take long to give, under a heartbeat",
  async (name) => {
    const state = stateFolder();
    const { ingest, embed, buildIndex } = (await state.release(1)).manifest;
    const data = await state.artifact("train-data", { "groups.jsonl": "" });
    const model = join(state.home, "model");
    mkdirSync(model);
    const environment = new MockActivityEnvironment();
    let beats = 0;
    environment.on("heartbeat", () => beats++);
    const beatsAtFetch: number[] = [];
    const store: ArtifactStore = {
      ...state.store,
      async resolve(ref) {
        beatsAtFetch.push(beats);
        return state.store.resolve(ref);
      },
    };
    const report = { losses: [], seconds: 1, recallAt100: 1, leftOut: { groups: 0, negatives: 0 } };
    const deps = {
      ...{ ...state, store },
      compute: (async () => report) as never,
      code: {},
      models: { embedder: model, base: model },
    } as unknown as StageDeps;
    const activities: Record<typeof name, unknown> = {
      ...createEmbedActivities(deps),
      ...createBuildIndexActivities(deps),
      ...createPrepareActivities(deps),
      ...createTrainActivities(deps),
    };
    const activity = activities[name] as (input: unknown) => Promise<unknown>;
    const refs = { corpus: "k8s", ingest, embed, buildIndex, data, questions: null, pairs: null };
    const options = { first: 0, last: 1, strict: false, budgetMinutes: 1, seed: 1 };
    const mode = { force: true, cachedOnly: false };
    await environment.run(() => activity({ ...refs, ...options, mode }));
    expect(beatsAtFetch.length).toBeGreaterThan(0);
    expect(beatsAtFetch).not.toContain(0);
  },
);
