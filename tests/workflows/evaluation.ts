import { METRICS } from "../../contracts/evaluation.ts";
import { NO_ABSTENTION } from "../../core/storage/testing/testManifest.ts";

const estimate = { value: 0.5, low: 0.4, high: 0.6 };
const metrics = Object.fromEntries(METRICS.map((name) => [name, estimate])) as Record<
  (typeof METRICS)[number],
  typeof estimate
>;
/** An evaluation for stubs; no decision depends on it. */
export const evaluation = {
  questions: 60,
  stale: 0,
  source: "judged" as const,
  ladder: [{ name: "retrieval", metrics }],
  paired: [],
  abstention: NO_ABSTENTION,
  reranker: "tuned" as const,
  calibration: "out-of-fold" as const,
  int8: null,
};
