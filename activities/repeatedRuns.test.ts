import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { expect, test } from "vitest";
import type { ChosenModels } from "../contracts/models.ts";
import { QUEUES } from "../contracts/names.ts";
import { pipelineInputSchema } from "../contracts/pipeline.ts";
import { SiteServer } from "../core/docs/website/testing/siteServer.ts";
import { scoreShard } from "../core/stages/scoreShard.ts";
import type { StageContext } from "../core/stages/stage.ts";
import { createRetrainActivities } from "./retrain.ts";
import { createStageActivities } from "./runStage.ts";
import { createShardPlans } from "./shardPlans.ts";
import { createSourceActivities } from "./source.ts";
import { contextOver } from "./testing/stageContext.ts";

const run = <A, R>(activity: (args: A) => Promise<R>, args: A): Promise<R> =>
  new MockActivityEnvironment().run(() => activity(args));
const mode = { force: false, cachedOnly: false };

/** A state folder with one release, its activities, and the requests that the compute processes received. */
async function served() {
  const computed: unknown[] = [];
  const state = contextOver(async (_, args) => {
    computed.push(args);
    writeFileSync(join((args as { outDir: string }).outDir, "evaluation.json"), `${computed.length}`);
    return { summary: { questions: 1, source: "judged", ladder: [] }, evidence: {} };
  });
  const { home, context: deps } = state;
  const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
  writeFileSync(join(docs, "a.md"), "# A\n");
  const questions = join(home, "questions.jsonl");
  const question = {
    id: "q1",
    query: "what is a?",
    kind: "lookup",
    relevant: [{ path: "a.md", heading: "A", grade: 2 }],
  };
  writeFileSync(questions, `${JSON.stringify(question)}\n`);
  const made = await state.release(1);
  const { embedder, ingest, embed, buildIndex, train, untrained } = made.manifest;
  const refs = { embedder, ingest, embed, buildIndex, train, untrained };
  const candidate = { corpus: "k8s", ...refs, data: null, questions, scores: [], mode };
  return { ...state, deps, docs, made, candidate, computed };
}

test("unchanged docs end the run only if a release serves", async () => {
  const { deps, docs, home, made, promote } = await served();
  await promote(made);
  const { checkSource, recordRun } = createSourceActivities(deps);
  const asked = { corpus: "k8s", input: pipelineInputSchema.parse({ docs: { path: docs } }) };
  const { parts } = await run(checkSource, asked);
  await run(recordRun, { corpus: "k8s", parts, release: made.id, workflowId: "w" });
  expect((await run(checkSource, asked)).unchanged).toMatchObject({ release: made.id, promoted: true });
  rmSync(join(home, "champions"), { recursive: true });
  expect(await run(checkSource, asked)).toMatchObject({ unchanged: null, why: "nothing serves k8s any more" });
});

test("an accepted vote makes a run on unchanged docs new, trains again, and is measured", async () => {
  const { deps, docs, made, candidate, computed, promote } = await served();
  const asked = { corpus: "k8s", input: pipelineInputSchema.parse({ docs: { path: docs } }) };
  const { checkSource, recordRun } = createSourceActivities(deps);
  const { parts } = await run(checkSource, asked);
  await promote(made);
  await run(recordRun, { corpus: "k8s", parts, release: made.id, workflowId: "w" });
  await run(createStageActivities(QUEUES.cpu, deps).evaluate, candidate);
  const label = { vote: "vote-1", question: "q", verdict: "up", passage: "p", page: "a.md", textDigest: "d" } as const;
  const voted = { ...deps, labels: async (corpus: string) => (corpus === "k8s" ? [label] : []) };
  expect(await run(createSourceActivities(voted).checkSource, asked)).toMatchObject({
    unchanged: null,
    why: expect.stringContaining("votes"),
  });
  const untrained = { ...asked, input: { ...asked.input, training: { ...asked.input.training, budgetMinutes: 0 } } };
  expect((await run(createSourceActivities(voted).checkSource, untrained)).parts.inputs).toMatchObject({
    votes: "none",
  });
  expect(await scoreShard.reads({ ...candidate, index: 0, of: 2 }, voted)).not.toHaveProperty("votes");
  const evaluated = await run(createStageActivities(QUEUES.cpu, voted).evaluate, candidate);
  expect(evaluated).toMatchObject({ skipped: false, why: expect.stringContaining("votes") });
  expect(computed.at(-1)).toMatchObject({ labels: [label] });
  const { ingest, embedder: base } = made.manifest;
  const plan = {
    corpus: "k8s",
    ingest,
    base,
    baseName: "small",
    questions: null,
    training: asked.input.training,
    retrain: "auto" as const,
  };
  const usual = { forced: false, reused: false, now: "2026-01-02T10:00:00.000Z" };
  const planned = (context: StageContext) => run(createRetrainActivities(context).planTraining, { ...plan, ...usual });
  expect(await planned(deps)).toMatchObject({ train: false, budget: { minutes: 0 } });
  expect(await planned(voted)).toMatchObject({
    train: true,
    budget: { minutes: 20 },
    why: "accepted votes changed since the reranker was trained",
    record: { basis: { "accepted votes": expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
});

test("a run that names another reranker than the champion's was made from is refused if it may not train", async () => {
  const { deps, made, promote } = await served();
  const { ingest, embedder: base } = made.manifest;
  const training = { ...made.manifest.training, base: { name: "small", digest: base.sha256 } };
  const { id } = await deps.releases.commit({ ...made.manifest, training });
  await promote(await deps.releases.read(id));
  const input = pipelineInputSchema.parse({ retrain: "never" });
  const plan = (baseName: string, changes: { named: boolean; base?: typeof base; forced?: boolean }) =>
    run(createRetrainActivities(deps).planTraining, {
      ...{ corpus: "k8s", ingest, base, baseName, questions: null, training: input.training, retrain: input.retrain },
      ...{ forced: false, reused: false, now: "2026-01-02T10:00:00.000Z" },
      ...changes,
    });
  const other = { ...base, sha256: "9".repeat(64) };
  await expect(plan("large", { named: true, base: other })).rejects.toThrow(
    'retrain: "never" keeps the champion\'s reranker, which was made from small, not from large',
  );
  expect(await plan("small", { named: true })).toMatchObject({ train: false });
  expect(await plan("large", { named: false, base: other })).toMatchObject({ train: false });
  expect(await plan("large", { named: true, base: other, forced: true })).toMatchObject({ reranker: null });
});

test("another share of false answers makes another run and another evaluation", async () => {
  const { deps, docs, candidate, computed } = await served();
  const { checkSource } = createSourceActivities(deps);
  const input = (more: object) => pipelineInputSchema.parse({ docs: { path: docs }, ...more });
  const partsOf = async (more: object) => (await run(checkSource, { corpus: "k8s", input: input(more) })).parts;
  expect((await partsOf({})).options).not.toHaveProperty("falseAnswers");
  expect((await partsOf({ falseAnswers: 0.05 })).options).toMatchObject({ falseAnswers: 0.05 });
  const { evaluate } = createStageActivities(QUEUES.cpu, deps);
  await run(evaluate, candidate);
  expect(await run(evaluate, { ...candidate, falseAnswers: 0.05 })).toMatchObject({ skipped: false });
  expect(computed.at(-1)).toMatchObject({ falseAnswers: 0.05 });
});

test("another embedder, and another base of the reranker, make another run", async () => {
  const { deps, docs, made } = await served();
  const { checkSource } = createSourceActivities(deps);
  const input = pipelineInputSchema.parse({ docs: { path: docs } });
  const inputsOf = async (models?: ChosenModels) =>
    (await run(checkSource, { corpus: "k8s", input, models })).parts.inputs;
  const chosen = { name: "acme/small", artifact: made.manifest.ingest };
  const usual = await inputsOf();
  const digest = chosen.artifact.sha256;
  expect(await inputsOf({ embedder: chosen, reranker: null })).toEqual({ ...usual, embedder: digest });
  expect(await inputsOf({ embedder: null, reranker: chosen })).toEqual({ ...usual, base: digest });
});

test("a candidate that waits for approval is not built again meanwhile", async () => {
  const { deps, docs, made } = await served();
  const { checkSource, recordRun } = createSourceActivities(deps);
  const asked = { corpus: "k8s", input: pipelineInputSchema.parse({ docs: { path: docs }, gate: "manual" }) };
  const { parts } = await run(checkSource, asked);
  await run(recordRun, { corpus: "k8s", parts, release: made.id, workflowId: "w" });
  expect((await run(checkSource, asked)).unchanged).toMatchObject({ release: made.id, promoted: false });
});

test("an evaluation of the champion itself is found again; a repeated one is stored under the champion it compared with", async () => {
  const { deps, made, candidate, computed, promote } = await served();
  const { evaluate } = createStageActivities(QUEUES.cpu, deps);
  expect((await run(evaluate, candidate)).facts.champion).toBeNull();
  await promote(made);
  expect(await run(evaluate, candidate)).toMatchObject({ skipped: true, facts: { champion: null } });
  const later = createStageActivities(QUEUES.cpu, { ...deps, code: { ...deps.code, evaluate: "2" } });
  expect(await run(later.evaluate, candidate)).toMatchObject({ skipped: false, facts: { champion: made.id } });
  const last = await deps.steps.latest("k8s", "evaluate");
  expect(last!.parts.inputs.champion).toBe(made.id);
  expect(computed).toHaveLength(2);
});

test("a cached evaluation leaves nothing to score, unless it is forced", async () => {
  const { deps, candidate } = await served();
  const { planScoring } = createShardPlans(deps);
  expect(await run(planScoring, candidate)).toEqual({ questions: 1 });
  await run(createStageActivities(QUEUES.cpu, deps).evaluate, candidate);
  expect(await run(planScoring, candidate)).toEqual({ questions: 0 });
  expect(await run(planScoring, { ...candidate, mode: { ...mode, force: true } })).toEqual({ questions: 1 });
  expect(await run(planScoring, { ...candidate, mode: { ...mode, cachedOnly: true } })).toEqual({ questions: 0 });
});

test("a promotion while an evaluation begins changes neither its key nor its champion, which stay the same one", async () => {
  const { deps, made, candidate, promote, store } = await served();
  const promoting = {
    ...store,
    draft: async (stage: string) => {
      await promote(made);
      return store.draft(stage);
    },
  };
  const { evaluate } = createStageActivities(QUEUES.cpu, { ...deps, store: promoting });
  expect((await run(evaluate, candidate)).facts.champion).toBeNull();
  expect((await deps.steps.latest("k8s", "evaluate"))!.parts.inputs.champion).toBe("none");
});

test("a run of a later stage alone takes the budget of the last training on its docs, and none if they trained nothing", async () => {
  const { deps, made } = await served();
  const { ingest, embedder: base, train } = made.manifest;
  const { training, retrain } = pipelineInputSchema.parse({ training: { written: 3 } });
  const plan = { corpus: "k8s", ingest, base, baseName: "small", questions: null, training, retrain, forced: false };
  const { planTraining } = createRetrainActivities(deps);
  const budget = async () => (await run(planTraining, { ...plan, reused: true, now: "2026-01-02" })).budget.minutes;
  const prepared = (digest: string, passages = ingest.sha256) => {
    const parts = { stage: "train-data", inputs: { n: digest, passages }, options: {}, code: "" };
    return deps.steps.record("k8s", parts, { ref: { ...ingest, sha256: digest } });
  };
  expect(await budget()).toBe(0);
  await prepared("d1");
  const parts = { stage: "train", inputs: { data: "d1" }, options: { budgetMinutes: 7 }, code: "" };
  await deps.steps.record("k8s", parts, { ref: train });
  expect(await budget()).toBe(7);
  await prepared("d2");
  expect(await budget()).toBe(0);
  await prepared("d1", "other docs");
  expect(await budget()).toBe(0);
});

test("a run of a later stage alone reuses the champion's tuned reranker only if that was measured last", async () => {
  const { deps, made, candidate, promote } = await served();
  await promote(made);
  const { ingest, embedder: base, train, untrained } = made.manifest;
  const { training, retrain } = pipelineInputSchema.parse({});
  const asked = { corpus: "k8s", ingest, base, baseName: "small", questions: null, training, retrain, forced: false };
  const plan = () => run(createRetrainActivities(deps).planTraining, { ...asked, reused: true, now: "2026-01-02" });
  expect(await plan()).toMatchObject({ reranker: null });
  const { evaluate } = createStageActivities(QUEUES.cpu, deps);
  await run(evaluate, candidate);
  expect(await plan()).toMatchObject({ train: false, reranker: { train, untrained }, record: made.manifest.training });
  await run(evaluate, { ...candidate, train: null });
  expect(await plan()).toMatchObject({ reranker: null });
});

test("a run of a later stage alone takes no evaluation of another reranker", async () => {
  const { deps, candidate } = await served();
  const { evaluate } = createStageActivities(QUEUES.cpu, deps);
  await run(evaluate, candidate);
  const later = { ...candidate, mode: { ...mode, cachedOnly: true }, falseAnswers: 0.2 };
  expect(await run(evaluate, later)).toMatchObject({ skipped: true, why: "reused from the last run" });
  await expect(run(evaluate, { ...later, train: null })).rejects.toThrow(
    /Stage evaluate has no result for corpus k8s \(reranker changed/,
  );
});

test("a run without a budget keeps the champion's tuned reranker where it would train; a budget of 0 does not", async () => {
  const { deps, made, promote } = await served();
  await promote(made);
  const { ingest, embedder: base, train } = made.manifest;
  const trainedBy = { ...made.manifest.training, base: { name: "small", digest: base.sha256 }, basis: { seed: "99" } };
  const trained = { ...made, manifest: { ...made.manifest, training: trainedBy } };
  const context = { ...deps, releases: { ...deps.releases, read: async () => trained } };
  const plan = async (given: object) => {
    const { training, retrain } = pipelineInputSchema.parse({ training: given });
    const asked = { corpus: "k8s", ingest, base, baseName: "small", questions: null, training, retrain };
    const usual = { forced: false, reused: false, now: "2026-01-02T10:00:00.000Z" };
    return run(createRetrainActivities(context).planTraining, { ...asked, ...usual });
  };
  expect(await plan({})).toMatchObject({ train: false, reranker: { train } });
  expect(await plan({ budgetMinutes: 0 })).toMatchObject({ train: false, reranker: null });
  expect(await plan({ budgetMinutes: 5 })).toMatchObject({ train: true, reranker: null });
});

test("a second look at a site that did not change finds the same version and asks for little", async () => {
  const site = await new SiteServer().start();
  try {
    site.page("/guide/", "Guide", { etag: '"1"' });
    site.page("/old.html", "Old");
    site.list({ "/guide/": null, "/old.html": "2020-01-01" });
    const { context } = contextOver(async () => ({}), {
      sites: { origins: [site.origin], pauseMs: 1, maxPages: 10 },
    });
    const { checkSource } = createSourceActivities(context);
    const asked = { corpus: "s", input: pipelineInputSchema.parse({ docs: { path: `${site.origin}/sitemap.xml` } }) };
    const first = await run(checkSource, asked);
    site.asked();
    const second = await run(checkSource, asked);
    expect([second.source, second.parts]).toEqual([first.source, first.parts]);
    expect(first.source.kind).toBe("site");
    expect(site.asked()).toEqual(["/robots.txt", "/sitemap.xml", "/guide/"]);
    site.page("/guide/", "A new guide");
    expect((await run(checkSource, asked)).source.version).not.toBe(first.source.version);
  } finally {
    await site.stop();
  }
});
