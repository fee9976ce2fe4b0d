import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import { QUEUES } from "../contracts/names.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { createAskActivities } from "./ask.ts";
import { createChampionActivities } from "./champion.ts";
import { createChangesActivities } from "./changes.ts";
import { createRetrainActivities } from "./retrain.ts";
import { createStageActivities } from "./runStage.ts";

/** A state folder with a champion. Its storage records the number of heartbeats at each read. */
async function watched() {
  const state = stateFolder();
  const champion = await state.release(1);
  await state.promote(champion);
  const environment = new MockActivityEnvironment();
  let beats = 0;
  environment.on("heartbeat", () => beats++);
  const beatsAtFetch: number[] = [];
  const noting = <A extends unknown[], R>(fetch: (...args: A) => Promise<R>) => {
    return (...args: A) => {
      beatsAtFetch.push(beats);
      return fetch(...args);
    };
  };
  const { store, releases } = state;
  const watchedStore = { ...store, resolve: noting(store.resolve), verify: noting(store.verify) };
  const watchedReleases = { ...releases, read: noting(releases.read), champion: noting(releases.champion) };
  return { ...state, store: watchedStore, releases: watchedReleases, champion, environment, beatsAtFetch };
}

type Watched = Awaited<ReturnType<typeof watched>>;

function activitiesOf(state: Watched, model: string) {
  const summary = { questions: 1, source: "judged", ladder: [] };
  const report = { summary, losses: [], seconds: 1, recallAt100: 1, leftOut: { groups: 0, negatives: 0 } };
  const parts = { compute: async () => report, code: {}, models: { embedder: model, base: model } };
  const deps = { ...state, ...parts, temporal: {}, labels: async () => [] } as never;
  const engine = {
    engines: { use: async () => ({ seconds: {}, answer: {} }) },
    turns: { take: (work: () => unknown) => work() },
    llm: null,
  };
  return {
    ...createStageActivities(QUEUES.cpu, deps),
    ...createStageActivities(QUEUES.gpu, deps),
    ...createRetrainActivities(deps),
    ...createChangesActivities(deps),
    ...createChampionActivities(deps),
    ...createAskActivities({ releases: state.releases, keeper: { keep: async () => {} }, ...engine } as never),
  };
}

test.each([
  ...(["embed", "buildIndex", "heldout", "prepareTraining", "train", "untrained", "evaluate", "scoreShard"] as const),
  ...(["planTraining", "reconsiderTraining", "compareDocs", "verifyRelease", "respond"] as const),
])("%s fetches its input under a heartbeat, since a bucket may be slow", async (name) => {
  const state = await watched();
  const { manifest, id } = state.champion;
  const { embedder, ingest, embed, buildIndex, train, untrained } = manifest;
  const files = { "groups.jsonl": "", "heldout.jsonl": "", "questions.jsonl": "", "stats.json": "{}" };
  const data = await state.artifact("train-data", files);
  const model = join(state.home, "model");
  mkdirSync(model);
  const activity = activitiesOf(state, model)[name] as (input: unknown) => Promise<unknown>;
  const stored = { embedder, ingest, embed, buildIndex, data, train, untrained, base: train, tuned: train };
  const none = { questions: null, pairs: null, written: null, mined: [], scores: [] };
  const refs = { corpus: "k8s", ...stored, evaluate: data, ...none };
  const options = { first: 0, last: 1, strict: false, budgetMinutes: 1, seed: 1, index: 0, of: 2 };
  const plan = { training: { pairs: null, written: 0 }, retrain: "always", forced: false, now: "2026-02-01" };
  const mode = { force: true, cachedOnly: false };
  const input = name === "verifyRelease" ? id : { ...refs, ...options, ...plan, release: id, mode };
  state.beatsAtFetch.length = 0;
  await state.environment.run(() => activity(input));
  expect(state.beatsAtFetch.length).toBeGreaterThan(0);
  expect(state.beatsAtFetch).not.toContain(0);
});
