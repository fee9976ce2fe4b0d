import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { GateEvidence } from "../core/judging/gate.ts";
import { openReleases } from "../core/storage/releases.ts";
import { openStore } from "../core/storage/store.ts";
import { createDeployActivities, type DecideInput } from "./deploy.ts";

const better = { value: 0.05, low: 0.02, high: 0.08 };
const worse = { value: -0.05, low: -0.08, high: -0.02 };
const abstention = {
  ...{ aurocNear: null, aurocOffTopic: null, ece: null, brierSkill: null },
  ...{ falseAnswerRate: null, falseRefusalRate: null, wrongEvidenceRate: null, unsure: null, n: 0 },
};

function ref(stage: string, n: number): ArtifactRef {
  const sha256 = `${n}`.repeat(64);
  return { uri: `winnow:${stage}/${sha256}`, sha256, bytes: 1 };
}

/** The gate's verdict on candidate 2, in a state folder whose champion is candidate 1. */
async function verdictOn(facts: Partial<GateEvidence>, bucket?: string) {
  const home = mkdtempSync(join(tmpdir(), "winnow-deploy-"));
  const releases = openReleases(home, openStore(home));
  const artifacts = bucket ?? join(home, "artifacts");
  const { decideRelease, promote } = createDeployActivities({ releases, artifacts });
  const evidence: GateEvidence = {
    source: "judged",
    questions: 1,
    rerankedVsRetrieval: better,
    rerankedVsWithoutLogit: null,
    vsChampion: { reranked: better, retrieval: better },
    p95RerankMs: 1,
    mustPassLost: { reranked: [], retrieval: [] },
    mustPassFailed: { reranked: [], retrieval: [] },
    abstention: { reranked: null, retrieval: null },
    championAbstention: null,
  };
  const input = (n: number, champion: string | null, told: Partial<GateEvidence>): DecideInput => ({
    corpus: "k8s",
    docsPath: "/docs",
    names: { embedder: "small" },
    source: { digest: "d", pages: 1, passages: 1 } as DecideInput["source"],
    ...{ ingest: ref("ingest", n), embed: [ref("embed", n)], buildIndex: ref("build-index", n) },
    ...{ embedder: ref("model", n), train: ref("train", n), untrained: ref("untrained", n) },
    evaluate: ref("evaluate", n),
    training: { at: "2026-01-01", ingest: ref("ingest", n), basis: {} },
    evaluation: {
      summary: {
        ...{ questions: 1, stale: 0, source: "judged", ladder: [], paired: [], abstention },
        ...{ reranker: "tuned", calibration: "out-of-fold", int8: null },
      },
      evidence: { ...evidence, ...told },
      champion,
    } as DecideInput["evaluation"],
    createdAt: `2026-01-0${n}`,
  });
  const first = await decideRelease(input(1, null, {}));
  await promote({ release: first.release, expected: null, by: "test", reason: "first" });
  return { first, second: await decideRelease(input(2, first.release, facts)), home };
}

const lost = { mustPassLost: { reranked: ["q3"], retrieval: [] } };

test("an accepted candidate may be approved, and the verdict has the path of the report", async () => {
  const { first, second, home } = await verdictOn({});
  expect(second).toMatchObject({ champion: first.release, approvable: true, serving: false });
  expect(second.gate.promoted).toBe(true);
  expect(second.report).toBe(join(home, "artifacts", "evaluate", "2".repeat(64), "report.html"));
});

test("with artifacts in a bucket, the report is an object's URL", async () => {
  const { second } = await verdictOn({}, "s3://docs/winnow/artifacts");
  expect(second.report).toBe(`s3://docs/winnow/artifacts/evaluate/${"2".repeat(64)}/report.html`);
});

test("a lost must-pass question keeps a candidate back, but a person may accept that", async () => {
  const { second } = await verdictOn(lost);
  expect(second.gate.promoted).toBe(false);
  expect(second.approvable).toBe(true);
});

test("a candidate that is worse as well may not be approved", async () => {
  const { second } = await verdictOn({ ...lost, vsChampion: { reranked: worse, retrieval: worse } });
  expect([second.gate.promoted, second.approvable]).toEqual([false, false]);
});
