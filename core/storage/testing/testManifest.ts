import type { ReleaseManifest } from "../../../contracts/release.ts";

/** Figures of an evaluation without questions. */
export const NO_ABSTENTION = {
  aurocNear: null,
  aurocOffTopic: null,
  ece: null,
  brierSkill: null,
  falseAnswerRate: null,
  falseRefusalRate: null,
  wrongEvidenceRate: null,
  unsure: null,
  n: 0,
};

/** A sound manifest of a measured release, which differs from others by corpus and time. */
export function testManifest(corpus: string, createdAt: string): ReleaseManifest {
  const ref = { uri: `winnow:ingest/${"0".repeat(64)}`, sha256: "0".repeat(64), bytes: 1 };
  return {
    schema: 1,
    corpus,
    createdAt,
    source: { path: "/docs", digest: "d", pages: 1, passages: 2 },
    ranking: "retrieval",
    ...{ embedder: ref, ingest: ref, embed: [ref], buildIndex: ref, train: ref, untrained: ref, evaluate: ref },
    reranker: { role: "tuned", ref },
    training: { at: createdAt, ingest: ref, basis: {} },
    gate: { promoted: true, ranking: "retrieval", reason: "first release", criteria: [] },
    evaluation: {
      ...{ questions: 0, stale: 0, source: "judged", ladder: [], paired: [], abstention: NO_ABSTENTION },
      ...{ reranker: "tuned", calibration: "out-of-fold", int8: null },
    },
  };
}
