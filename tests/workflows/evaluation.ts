import { METRICS } from "../../contracts/evaluation.ts";

const estimate = { value: 0.5, low: 0.4, high: 0.6 };
const metrics = Object.fromEntries(METRICS.map((name) => [name, estimate])) as Record<
  (typeof METRICS)[number],
  typeof estimate
>;
const abstention = {
  aurocNear: null,
  aurocOffTopic: null,
  ece: null,
  brierSkill: null,
  falseAnswerRate: null,
  falseRefusalRate: null,
  wrongEvidenceRate: null,
  n: 0,
};
/** An evaluation for stubs; no decision depends on it. */
export const evaluation = {
  questions: 60,
  stale: 0,
  source: "judged" as const,
  ladder: [{ name: "retrieval", metrics }],
  paired: [],
  abstention,
  reranker: "tuned" as const,
  calibration: "out-of-fold" as const,
  int8: null,
};
