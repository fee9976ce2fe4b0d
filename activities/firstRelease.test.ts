import { rmSync } from "node:fs";
import { join } from "node:path";
import { MockActivityEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeJsonLines } from "../core/base/jsonl.ts";
import { quietContext } from "../core/base/progress.ts";
import { openEngine } from "../core/serving/engine.ts";
import { engineOptions } from "../core/serving/engineOptions.ts";
import { stages } from "../core/stages/index.ts";
import { runStage } from "../core/stages/runStage.ts";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import { releaseFolders } from "../core/storage/releaseFolders.ts";
import type { MeasuredRelease, Release } from "../core/storage/releases.ts";
import { createDeployActivities, type DecideInput } from "./deploy.ts";
import { createFirstReleaseActivities } from "./firstRelease.ts";
import { createRetrainActivities } from "./retrain.ts";

const mode = { force: false, cachedOnly: false };
const by = { by: "a test", reason: "first" };
const quiet = {
  since: 0,
  signal: new AbortController().signal,
  onProgress: () => {},
  task: "firstCalibration" as const,
};

describe("a release that serves before it is measured", () => {
  let tiny: TinyHome;
  let built: MeasuredRelease;
  let first: Release;
  beforeAll(async () => {
    tiny = await tinyHome();
    built = await tiny.build(32);
    first = await keep(await calibrated(tiny.questions));
  });
  afterAll(() => rmSync(tiny.home, { recursive: true, force: true }));

  const refs = () => {
    const { corpus, embedder, ingest, embed, buildIndex } = built.manifest;
    return { corpus, embedder, ingest, embed, buildIndex };
  };
  const calibrated = (questions: string | null) =>
    runStage(stages.firstCalibration, { ...refs(), questions, seed: 17, mode }, tiny.context, quiet);
  const source = () => ({ ...built.manifest.source, quarantined: 0 }) as unknown as DecideInput["source"];
  const activities = () => createFirstReleaseActivities(tiny.context);
  const keep = async ({ ref }: Awaited<ReturnType<typeof calibrated>>) => {
    const names = { embedder: "tiny" };
    const made = { ...refs(), names, source: source(), docsPath: "/docs", calibration: ref, createdAt: "2026-01-01" };
    return tiny.context.releases.read((await activities().commitFirst(made)).release);
  };

  test("serves by retrieval with a threshold of its own, and every result is marked as not measured", async () => {
    const folders = await releaseFolders(tiny.context.store, first);
    expect(folders.rerankerDir).toBeNull();
    const engine = await openEngine(engineOptions(first, folders), quietContext({ threads: 1 }));
    const options = { corpus: "things", k: 30, passages: 4, mode: "quotation" } as const;
    const { answer } = await engine.answer("what is red pod", options);
    expect(answer?.receipt).toMatchObject({ release: first.id, ranking: "retrieval", unmeasured: true });
    const refused = await engine.answer("zyx", options);
    expect(refused.answer).toMatchObject({ kind: "abstained", receipt: { refusedBy: "threshold", unmeasured: true } });
    expect(refused.answer?.receipt.why).toContain("not measured yet");
    expect(refused.answer?.receipt.why).not.toMatch(/\d/);
    await engine.close();
  });

  test("has no figure in the list, which marks it", async () => {
    const listed = (await tiny.context.releases.list()).find(({ id }) => id === first.id);
    expect(listed).toMatchObject({ unmeasured: true, ndcg: null, reason: expect.stringContaining("not measured yet") });
  });

  test("is calibrated on the beginnings of its passages if the docs give no other question", async () => {
    expect((await calibrated(null)).facts).toEqual({ questions: 12 });
  });

  test("is calibrated on nothing by questions without an answer", async () => {
    const unanswered = join(tiny.home, "unanswered.jsonl");
    await writeJsonLines(unanswered, [{ id: "u1", query: "zyx", kind: "unanswerable-off-topic", relevant: [] }]);
    expect((await calibrated(unanswered)).facts).toEqual({ questions: 0 });
  });

  test("is made once for the same docs, and never beside a measured champion", async () => {
    const { planFirst } = activities();
    const { releases } = tiny.context;
    expect(await planFirst(refs())).toEqual({ serve: true, champion: null });
    await releases.promote(first, { expected: null, ...by });
    expect(await planFirst(refs())).toEqual({ serve: false, why: "serving", release: first.id });
    const newer = { ...refs(), buildIndex: { ...refs().buildIndex, sha256: "0".repeat(64) } };
    expect(await planFirst(newer)).toEqual({ serve: true, champion: first.id });
  });

  test("is no champion to beat: the first measured candidate replaces it by the rules of a first release", async () => {
    const { decideRelease, promote } = createDeployActivities({ releases: tiny.context.releases, artifacts: "a" });
    const { manifest } = built;
    const worse = { value: -0.05, low: -0.08, high: -0.02 };
    const evidence = {
      ...{ source: "judged", questions: 12, rerankedVsRetrieval: worse, rerankedVsWithoutLogit: null },
      ...{ vsChampion: { retrieval: null, reranked: null }, p95RerankMs: 1, championAbstention: null },
      ...{ mustPassLost: { retrieval: [], reranked: [] }, mustPassFailed: { retrieval: [], reranked: [] } },
      abstention: { retrieval: null, reranked: null },
    };
    const candidate = {
      ...{ ...refs(), train: manifest.train, untrained: manifest.untrained, evaluate: manifest.evaluate },
      ...{
        docsPath: "/docs",
        names: { embedder: "tiny" },
        source: source(),
        training: manifest.training,
        createdAt: "2026-01-02",
      },
      evaluation: { summary: manifest.evaluation, evidence, champion: null },
    } as DecideInput;
    const verdict = await decideRelease(candidate);
    expect(verdict).toMatchObject({ champion: first.id, serving: false });
    expect(verdict.gate).toMatchObject({ promoted: true, ranking: "retrieval" });
    expect(verdict.gate.reason).toMatch(/^first measured release/);
    const plan = {
      corpus: "things",
      ingest: refs().ingest,
      base: refs().embedder,
      baseName: "tiny",
      questions: null,
      forced: false,
      reused: false,
    };
    const training = { budgetMinutes: 1, leastSteps: 1, seed: 17, strict: false, written: 0 };
    const { planTraining } = createRetrainActivities(tiny.context);
    const environment = new MockActivityEnvironment();
    const asked = { ...plan, training, retrain: "auto" as const, now: "2026-01-02T00:00:00Z" };
    expect(await environment.run(planTraining, asked)).toMatchObject({ train: true, reranker: null });
    await promote({ release: verdict.release, expected: verdict.champion, ...by });
    expect(await activities().planFirst(refs())).toEqual({ serve: false, why: "measured" });
  });
});
