import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { describe, expect, test } from "vitest";
import { QUEUES } from "../contracts/names.ts";
import { pipelineInputSchema } from "../contracts/pipeline.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";
import { runStage } from "../core/stages/runStage.ts";
import { defineStage, type StageInput } from "../core/stages/stage.ts";
import type { TrainInput } from "../core/stages/train.ts";
import type { ArtifactStore } from "../core/storage/store.ts";
import { createRetrainActivities } from "./retrain.ts";
import { createStageActivities } from "./runStage.ts";
import { createSourceActivities } from "./source.ts";
import { contextOver } from "./testing/stageContext.ts";

const run = <R>(work: () => Promise<R>): Promise<R> => new MockActivityEnvironment().run(work);
const mode = { force: false, cachedOnly: false };
/** A stage context over a state folder whose store fails as the test specifies. */
function failing(fails: Partial<ArtifactStore>) {
  const made = contextOver(async () => ({ summary: { questions: 1, source: "judged", ladder: [] }, evidence: {} }));
  return { ...made, deps: { ...made.context, store: { ...made.store, ...fails } } };
}

function outage(code: ErrorCode): () => Promise<never> {
  return () => Promise.reject(new WinnowError(code, "not now"));
}

const nothing = defineStage({
  name: "embed",
  of: "embed",
  queue: null,
  reads: (_input: StageInput) => ({}),
  options: (_input: StageInput) => ({}),
  async run(_found, _input: StageInput, { outDir }) {
    writeFileSync(join(outDir, "part"), "made");
    return { summary: "made", facts: null };
  },
});
const asked = { corpus: "k8s", mode };
const attempt = { task: "nothing", since: 0, signal: new AbortController().signal, onProgress: () => {} };

/** A small training that counts its starts in its checkpoint. */
async function trainInSmall(_: string, args: object) {
  const { outDir, checkpointDir } = args as { outDir: string; checkpointDir: string };
  const file = join(checkpointDir, "begun");
  const begun = existsSync(file) ? Number(readFileSync(file, "utf8")) + 1 : 1;
  mkdirSync(checkpointDir, { recursive: true });
  writeFileSync(file, `${begun}`);
  writeFileSync(join(outDir, "weights"), "w");
  const counts = { steps: begun, pairs: 8, cutPairs: 0, seconds: 1, leftOut: { groups: 0, negatives: 0 } };
  return { ...counts, losses: [{ step: 1, loss: 2 }], maxTokens: 176 };
}

describe("training", () => {
  test.each(["commit", "record"])("keeps its checkpoint for the next attempt if its %s fails", async (at) => {
    const state = failing({});
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
    const { train } = createStageActivities(QUEUES.gpu, {
      ...{ ...state.deps, store, steps },
      compute: trainInSmall,
    });
    const base = { base: data, baseName: "small" };
    const input: TrainInput = {
      corpus: "k8s",
      data,
      ingest: data,
      ...base,
      budgetMinutes: 1,
      leastSteps: 1,
      seed: 1,
      mode,
    };
    await expect(run(() => train(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect((await run(() => train(input))).facts.steps).toBe(2);
    expect(readdirSync(join(state.home, "checkpoints"))).toEqual([]);
  });
});

describe("an unavailable store is no damage:", () => {
  test.each(["StoreUnavailable", "StorageFailed", "VectorServerUnavailable"] as const)(
    "at %s, a finished stage does not run again",
    async (reason) => {
      const { deps } = failing({});
      await run(() => runStage(nothing, asked, deps, attempt));
      const down = { ...deps, store: { ...deps.store, resolve: outage(reason) } };
      await expect(run(() => runStage(nothing, asked, down, attempt))).rejects.toMatchObject({ code: reason });
      expect(await run(() => runStage(nothing, asked, deps, attempt))).toMatchObject({ skipped: true });
    },
  );

  test("but a damaged artifact is made again", async () => {
    const { deps } = failing({});
    await run(() => runStage(nothing, asked, deps, attempt));
    const damaged = { ...deps, store: { ...deps.store, resolve: outage("CorruptArtifact") } };
    const { skipped, why } = await run(() => runStage(nothing, asked, damaged, attempt));
    expect([skipped, why]).toEqual([false, "its artifact is unusable: not now"]);
  });

  test("unchanged docs cause no full run", async () => {
    const { deps, release, promote } = failing({});
    const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
    writeFileSync(join(docs, "a.md"), "# A\n");
    const made = await release(1);
    await promote(made);
    const docsAsked = { corpus: "k8s", input: pipelineInputSchema.parse({ docs: { path: docs } }) };
    const { checkSource, recordRun } = createSourceActivities(deps);
    const { parts } = await run(() => checkSource(docsAsked));
    await run(() => recordRun({ corpus: "k8s", parts, release: made.id, workflowId: "w" }));
    const over = (resolve: ArtifactStore["resolve"]) =>
      createSourceActivities({ ...deps, store: { ...deps.store, resolve } });
    const down = over(outage("StoreUnavailable"));
    await expect(run(() => down.checkSource(docsAsked))).rejects.toMatchObject({ code: "StoreUnavailable" });
    const damaged = over(outage("CorruptArtifact"));
    expect(await run(() => damaged.checkSource(docsAsked))).toMatchObject({ unchanged: null, why: "not now" });
  });

  test("an evaluation of the champion is looked up again", async () => {
    const { deps, home, release, promote } = failing({});
    const made = await release(1);
    const { embedder, ingest, embed, buildIndex, train, untrained } = made.manifest;
    const questions = join(home, "questions.jsonl");
    writeFileSync(questions, "");
    const refs = { embedder, ingest, embed, buildIndex, train, untrained };
    const input = { corpus: "k8s", ...refs, data: null, questions, scores: [], mode };
    const { evaluate } = createStageActivities(QUEUES.cpu, deps);
    const { ref } = await run(() => evaluate(input));
    await promote(made);
    const resolve: ArtifactStore["resolve"] = (found) =>
      found.sha256 === ref.sha256 ? outage("StoreUnavailable")() : deps.store.resolve(found);
    const down = createStageActivities(QUEUES.cpu, { ...deps, store: { ...deps.store, resolve } });
    await expect(run(() => down.evaluate(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
    expect(await run(() => evaluate(input))).toMatchObject({ skipped: true });
  });

  test("the docs that a reranker was trained on do not count as removed", async () => {
    const { deps, release, promote, artifact } = failing({});
    const made = await release(1);
    await promote(made);
    const ingest = await artifact("ingest", { "passages.jsonl": "{}\n", "pages.jsonl": "" });
    const down = createRetrainActivities({ ...deps, store: { ...deps.store, resolve: outage("StoreUnavailable") } });
    const { training, retrain } = pipelineInputSchema.parse({ docs: { path: "/docs" } });
    const input = {
      corpus: "k8s",
      ingest,
      base: ingest,
      baseName: "small",
      questions: null,
      training,
      retrain,
      forced: false,
      reused: false,
      now: "2026-02-01",
    };
    await expect(run(() => down.planTraining(input))).rejects.toMatchObject({ code: "StoreUnavailable" });
  });
});
