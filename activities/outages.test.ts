import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { describe, expect, test } from "vitest";
import { pipelineInputSchema } from "../contracts/pipeline.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";
import type { CodeVersions } from "../core/stages/codeVersion.ts";
import type { ArtifactStore } from "../core/storage/store.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { createEvaluateActivities } from "./evaluate.ts";
import { createRetrainActivities } from "./retrain.ts";
import { createSourceActivities } from "./source.ts";
import { runStep, type StageDeps, type Step } from "./stageRunner.ts";
import { createTrainActivities, type TrainInput } from "./train.ts";

const run = <R>(work: () => Promise<R>): Promise<R> => new MockActivityEnvironment().run(work);
const mode = { force: false, cachedOnly: false };
const code = { evaluate: "1", train: "1", embed: "1" } as CodeVersions;

/** A state folder whose store fails as a test says, and the activities' parts over it. */
async function failing(fails: Partial<ArtifactStore>) {
  const state = stateFolder();
  const { home, steps, releases } = state;
  const store = { ...state.store, ...fails };
  const embedder = join(home, "model");
  mkdirSync(embedder);
  const compute = async () => ({ summary: { questions: 1, source: "judged", ladder: [] }, evidence: {} });
  const models = { embedder, base: embedder };
  const deps = { home, store, steps, releases, root: home, gitEnv: {}, code, models, compute: compute as never };
  return { ...state, deps: deps as StageDeps & typeof deps };
}

function outage(code: ErrorCode): () => Promise<never> {
  return () => Promise.reject(new WinnowError(code, "not now"));
}

const nothing: Step<null> = {
  name: "embed",
  stage: "embed",
  corpus: "k8s",
  tells: false,
  inputs: {},
  options: {},
  mode,
  work: async (draft) => {
    writeFileSync(join(draft, "part"), "made");
    return { summary: "made", facts: null };
  },
};

/** Training in small: it notes in its checkpoint how often it has begun. */
async function trainInSmall(_: string, { outDir, checkpointDir }: { outDir: string; checkpointDir: string }) {
  const file = join(checkpointDir, "begun");
  const begun = existsSync(file) ? Number(readFileSync(file, "utf8")) + 1 : 1;
  mkdirSync(checkpointDir, { recursive: true });
  writeFileSync(file, `${begun}`);
  writeFileSync(join(outDir, "weights"), "w");
  const counts = { steps: begun, pairs: 8, cutPairs: 0, seconds: 1, leftOut: { groups: 0, negatives: 0 } };
  return { ...counts, losses: [{ step: 1, loss: 2 }], maxTokens: 176 };
}

describe("training", () => {
  test.each(["commit", "record"])("keeps its checkpoint where its %s fails, for the next attempt", async (at) => {
    const state = await failing({});
    let failures = 1;
    const once = async () => {
      if (failures-- > 0) throw new WinnowError("StoreUnavailable", "not now");
    };
    const store = {
      ...state.store,
      commit: async (...args: Parameters<ArtifactStore["commit"]>) => {
        if (at === "commit") await once();
        return state.store.commit(...args);
      },
    };
    const steps = {
      ...state.steps,
      record: async (...args: Parameters<typeof state.steps.record>) => {
        if (at === "record") await once();
        return state.steps.record(...args);
      },
    };
    const data = await state.artifact("train-data", { "groups.jsonl": "{}\n" });
    const { train } = createTrainActivities({ ...state.deps, store, steps, compute: trainInSmall as never });
    const input: TrainInput = { corpus: "k8s", data, budgetMinutes: 1, seed: 1, mode };
    await expect(run(() => train(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect((await run(() => train(input))).facts.steps).toBe(2);
    expect(readdirSync(join(state.home, "checkpoints"))).toEqual([]);
  });
});

describe("a store that cannot be asked is no damage:", () => {
  test.each(["StoreUnavailable", "StorageFailed", "VectorServerUnavailable"] as const)(
    "at %s a stage that was done is not done again",
    async (reason) => {
      const { deps } = await failing({});
      await run(() => runStep(deps, nothing));
      const down = { ...deps, store: { ...deps.store, resolve: outage(reason) } };
      await expect(run(() => runStep(down, nothing))).rejects.toMatchObject({ code: reason });
      expect(await run(() => runStep(deps, nothing))).toMatchObject({ skipped: true });
    },
  );

  test("but what is damaged is made again", async () => {
    const { deps } = await failing({});
    await run(() => runStep(deps, nothing));
    const damaged = { ...deps, store: { ...deps.store, resolve: outage("CorruptArtifact") } };
    const { skipped, why } = await run(() => runStep(damaged, nothing));
    expect([skipped, why]).toEqual([false, "its artifact is unusable: not now"]);
  });

  test("unchanged docs become no full run", async () => {
    const { deps, release, promote } = await failing({});
    const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
    writeFileSync(join(docs, "a.md"), "# A\n");
    const made = await release(1);
    await promote(made);
    const asked = { corpus: "k8s", input: pipelineInputSchema.parse({ docs: { path: docs } }) };
    const { checkSource, recordRun } = createSourceActivities(deps);
    const { parts } = await run(() => checkSource(asked));
    await run(() => recordRun({ corpus: "k8s", parts, release: made.id, workflowId: "w" }));
    const over = (resolve: ArtifactStore["resolve"]) =>
      createSourceActivities({ ...deps, store: { ...deps.store, resolve } });
    const down = over(outage("StoreUnavailable"));
    await expect(run(() => down.checkSource(asked))).rejects.toMatchObject({ code: "StoreUnavailable" });
    const damaged = over(outage("CorruptArtifact"));
    expect(await run(() => damaged.checkSource(asked))).toMatchObject({ unchanged: null, why: "not now" });
  });

  test("an evaluation of the champion is looked for again", async () => {
    const { deps, home, release, promote } = await failing({});
    const made = await release(1);
    const { ingest, embed, buildIndex, train } = made.manifest;
    const questions = join(home, "questions.jsonl");
    writeFileSync(questions, "");
    const input = { corpus: "k8s", ingest, embed, buildIndex, train, data: null, questions, mode };
    const { evaluate } = createEvaluateActivities(deps);
    const { ref } = await run(() => evaluate(input));
    await promote(made);
    const resolve: ArtifactStore["resolve"] = (asked) =>
      asked.sha256 === ref.sha256 ? outage("StoreUnavailable")() : deps.store.resolve(asked);
    const down = createEvaluateActivities({ ...deps, store: { ...deps.store, resolve } });
    await expect(run(() => down.evaluate(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect(await run(() => evaluate(input))).toMatchObject({ skipped: true });
  });

  test("nor are the docs a reranker was trained on taken for gone", async () => {
    const { deps, release, promote, artifact } = await failing({});
    const made = await release(1);
    await promote(made);
    const ingest = await artifact("ingest", { "passages.jsonl": "{}\n", "pages.jsonl": "" });
    const down = createRetrainActivities({ ...deps, store: { ...deps.store, resolve: outage("StoreUnavailable") } });
    const { training, retrain } = pipelineInputSchema.parse({ docs: { path: "/docs" } });
    const input = { corpus: "k8s", ingest, questions: null, training, retrain, forced: false, now: "2026-02-01" };
    await expect(run(() => down.planTraining(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
  });
});
