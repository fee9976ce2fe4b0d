import type { EvaluationSummary } from "../../contracts/evaluation.ts";
import { ROWS } from "../../contracts/ladderRows.ts";
import type { BootstrapOptions } from "./bootstrap.ts";
import { GATE_DEFAULTS } from "./gateLimits.ts";
import { difference, servedRun } from "./ladder.ts";
import type { RerankerChoice } from "./scored.ts";
import { type CandidateRole, hasLogits, type ScoredQuestion, withPageRemoved } from "./scored.ts";
import { serveOutOfFold } from "./served.ts";

/** Required gain in nDCG@10 on generated questions, which resemble the questions that the model was trained on. */
const GENERATED_GAIN = GATE_DEFAULTS.gain * GATE_DEFAULTS.generatedFactor;

/**
 * Chooses the weights that the reranker serves with. Fine-tuning on questions made from the docs can lose the base's
 * knowledge of how people ask (docs/evaluation.md#gate). On judged questions, tuned weights must be no worse than
 * untrained ones, out of fold. On generated ones they must be clearly better.
 */
export function chooseReranker(
  scored: readonly ScoredQuestion[],
  source: EvaluationSummary["source"],
  bootstrap: BootstrapOptions,
): RerankerChoice {
  const least = source === "judged" ? 0 : GENERATED_GAIN;
  const rule = source === "judged" ? "tuned must be no worse" : `tuned must gain ${GENERATED_GAIN}`;
  const [tuned, untrained] = [hasLogits(scored, "tuned"), hasLogits(scored, "untrained")];
  if (!tuned && untrained) return { role: "untrained", difference: null, rule: "nothing was trained" };
  if (!tuned || !untrained) return { role: "tuned", difference: null, rule };
  const questions = withPageRemoved(scored);
  const run = (role: CandidateRole) =>
    servedRun(
      role === "tuned" ? ROWS.tunedCalibrated : ROWS.untrainedCalibrated,
      questions,
      serveOutOfFold(questions, role).questions,
    );
  const gain = difference(run("tuned"), run("untrained"), "ndcg@10", bootstrap);
  const { value, low, high } = gain;
  return { role: value >= least ? "tuned" : "untrained", difference: { value, low, high }, rule };
}
