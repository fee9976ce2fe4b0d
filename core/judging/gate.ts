import type { Criterion, Estimate, GateDecision, Int8Verdict } from "../../contracts/evaluation.ts";
import type { Ranking } from "../../contracts/passage.ts";
import { GATE_DEFAULTS, type GateOptions } from "./gateLimits.ts";
import type { RerankerChoice } from "./scored.ts";
import type { AbstentionRates } from "./threshold.ts";

/** Evaluation results for the gate, for each ranking that the candidate could serve with. */
export interface GateEvidence {
  source: "judged" | "generated";
  /** Number of answerable questions behind the evidence. */
  questions: number;
  /** nDCG@10 of the reranked order minus retrieval; `null` without a reranker. */
  rerankedVsRetrieval: Estimate | null;
  /** The logit's share of that gain: minus the same calibration on cosine and BM25 alone. Shown, not judged. */
  rerankedVsWithoutLogit: Estimate | null;
  /** nDCG@10 of the candidate under each ranking minus the champion's models on the same corpus. */
  vsChampion: Record<Ranking, Estimate | null>;
  /** Of the precision that would serve. */
  p95RerankMs: number | null;
  /** Verdict on the int8 twin. If it was refused, the float32 model serves. */
  int8?: Int8Verdict | null;
  /** Weights that the reranker serves with, and the difference in nDCG@10; null if nothing was compared. */
  fineTuning?: RerankerChoice | null;
  /** Ids of must-pass questions that the champion passes and the candidate would lose. */
  mustPassLost: Record<Ranking, string[]>;
  /** Must-pass questions that the candidate fails, whether or not the champion passes them. */
  mustPassFailed: Record<Ranking, string[]>;
  abstention: Record<Ranking, AbstentionRates | null>;
  championAbstention: AbstentionRates | null;
}

export interface GateInput {
  evidence: GateEvidence;
  /** `null` if no measured release serves yet. */
  champion: { ranking: Ranking } | null;
  /** True if the docs differ from those the champion was built on. */
  corpusChanged: boolean;
  /** True if the candidate has its own reranker; false if only the index is new. */
  retrained: boolean;
  /** Person who approved the loss of must-pass questions. */
  approvedBy?: string | null;
}

/**
 * The gate (docs/evaluation.md#gate): chooses the ranking that serves, and whether the candidate may replace the
 * champion.
 */
export function decide(input: GateInput, options: Partial<GateOptions> = {}): GateDecision {
  const limits = limitsFor(input.evidence, { ...GATE_DEFAULTS, ...options });
  const ranking = chooseRanking(input, limits);
  const promotion = input.champion
    ? againstChampion(input, input.champion, ranking.ranking, limits)
    : first(input, ranking.ranking);
  const criteria = [...ranking.criteria, ...promotion];
  const failed = promotion.find((c) => !c.passed);
  return {
    promoted: failed === undefined,
    ranking: ranking.ranking,
    reason: reasonFor(input, ranking.ranking, failed),
    criteria,
  };
}

/** The ranking that a fresh comparison chooses, and its numbers. This is the gate's first decision alone. */
export function chooseFreshRanking(
  evidence: GateEvidence,
  options: Partial<GateOptions> = {},
): { ranking: Ranking; criteria: Criterion[] } {
  const input = { evidence, champion: null, corpusChanged: false, retrained: true };
  return chooseRanking(input, limitsFor(evidence, { ...GATE_DEFAULTS, ...options }));
}

/** Gain that counts as better, if the low end stays above the floor. */
type Better = Pick<GateOptions, "gain" | "floor">;

interface Limits extends GateOptions {
  /** Required gain of the reranker over retrieval. `gain` and `floor` are required of a candidate over the champion. */
  reranker: Better;
  suffix: string;
}

function limitsFor({ source, fineTuning }: GateEvidence, options: GateOptions): Limits {
  if (source === "judged") return { ...options, reranker: options, suffix: "" };
  const { generatedFactor, floor } = options;
  const gain = options.gain * generatedFactor;
  return {
    ...options,
    gain,
    reranker: fineTuning?.role === "untrained" ? { gain: 0, floor: options.untrainedFloor } : { gain, floor },
    margin: options.margin / generatedFactor,
    suffix: " on generated questions",
  };
}

/**
 * Judged questions need a low end above 0 or a large enough point estimate. Generated ones always need the required
 * gain.
 */
function isBetter(difference: Estimate, source: GateEvidence["source"], limits: Better): boolean {
  const enough = difference.value >= limits.gain && difference.low > limits.floor;
  return source === "judged" ? difference.low > 0 || enough : enough;
}

function betterRule(source: GateEvidence["source"], { gain, floor }: Better): string {
  const enough = `at least ${signed(gain)} with the low end above ${signed(floor)}`;
  return source === "judged" ? `needs a low end above 0, or ${enough}` : `needs ${enough}`;
}

function chooseRanking(input: GateInput, limits: Limits): { ranking: Ranking; criteria: Criterion[] } {
  const { evidence, champion, retrained } = input;
  const difference = evidence.rerankedVsRetrieval;
  if (!difference) {
    const detail = "no reranker was evaluated: retrieval serves";
    return { ranking: "retrieval", criteria: [{ name: "reranker", passed: false, detail }] };
  }
  const criteria = [
    champion && !retrained
      ? {
          name: "reranker",
          passed: champion.ranking === "reranked",
          detail: `index only, so as the champion: ${champion.ranking} (reranked - retrieval ${show(difference)}${limits.suffix})`,
        }
      : {
          name: "reranker",
          passed: isBetter(difference, evidence.source, limits.reranker),
          detail: `reranked - retrieval nDCG@10 ${show(difference)}${limits.suffix}${logitShare(evidence)}; ${betterRule(evidence.source, limits.reranker)}`,
        },
    latencyCriterion(evidence.p95RerankMs, limits),
  ];
  const ranking = criteria.every((c) => c.passed) ? "reranked" : "retrieval";
  return { ranking, criteria: [...criteria, ...fineTuningCriterion(evidence, limits), ...int8Criterion(evidence)] };
}

/** Shown, not required: if tuned weights are not better, the reranker serves with the untrained ones. */
function fineTuningCriterion({ fineTuning }: GateEvidence, { suffix }: Limits): Criterion[] {
  if (!fineTuning?.difference) return [];
  const { role, difference, rule } = fineTuning;
  const serving = role === "tuned" ? "the tuned weights serve" : "the untrained weights serve";
  const detail = `tuned - before nDCG@10 ${show(difference)}${suffix}: ${serving}; ${rule}`;
  return [{ name: "fine-tuning", passed: role === "tuned", detail }];
}

/** Shown, not required: if the twin is refused, the reranker serves in float32. */
function int8Criterion({ int8 }: GateEvidence): Criterion[] {
  return int8 ? [{ name: "int8", passed: int8.accepted, detail: int8.detail }] : [];
}

function logitShare({ rerankedVsWithoutLogit: share }: GateEvidence): string {
  return share ? ` (against cosine and BM25 alone, calibrated, ${show(share)})` : "";
}

function latencyCriterion(p95: number | null, { p95BudgetMs }: Limits): Criterion {
  const measured = p95 === null ? "was not measured" : `is ${Math.round(p95)} ms`;
  return {
    name: "latency",
    passed: p95 === null || p95 <= p95BudgetMs,
    detail: `p95 of reranking one question ${measured}, budget ${p95BudgetMs} ms`,
  };
}

function first(input: GateInput, ranking: Ranking): Criterion[] {
  const failed = input.evidence.mustPassFailed[ranking];
  const note = failed.length > 0 ? `; must-pass questions it does not pass yet: ${failed.join(", ")}` : "";
  return [
    {
      name: "champion",
      passed: true,
      detail: `no measured release serves yet: the first one is always promoted${note}`,
    },
  ];
}

function againstChampion(
  input: GateInput,
  champion: { ranking: Ranking },
  ranking: Ranking,
  limits: Limits,
): Criterion[] {
  return [
    championCriterion(input, ranking, limits),
    mustPassCriterion(input, ranking),
    abstentionCriterion(input, ranking, champion, limits),
  ];
}

function championCriterion(
  { evidence, corpusChanged, retrained }: GateInput,
  ranking: Ranking,
  limits: Limits,
): Criterion {
  const difference = evidence.vsChampion[ranking];
  if (!difference)
    return { name: "champion", passed: false, detail: "the champion's models were not evaluated on this corpus" };
  const better = isBetter(difference, evidence.source, limits);
  const mayTie = corpusChanged || !retrained;
  const passed = better || (mayTie && difference.value >= -limits.margin);
  const tie = mayTie ? ` or no loss beyond ${limits.margin}` : "";
  const detail = `candidate - champion nDCG@10 ${show(difference)}${limits.suffix}; ${betterRule(evidence.source, limits)}${tie}`;
  return { name: "champion", passed, detail };
}

function mustPassCriterion({ evidence, approvedBy }: GateInput, ranking: Ranking): Criterion {
  const lost = evidence.mustPassLost[ranking];
  if (lost.length === 0) return { name: "must-pass", passed: true, detail: "no must-pass question is lost" };
  const approval = approvedBy ? `, approved by ${approvedBy}` : ": a person must approve the loss";
  return { name: "must-pass", passed: Boolean(approvedBy), detail: `lost ${lost.join(", ")}${approval}` };
}

function abstentionCriterion(
  { evidence }: GateInput,
  ranking: Ranking,
  champion: { ranking: Ranking },
  { abstentionMargin }: Limits,
): Criterion {
  const mine = meanError(evidence.abstention[ranking]);
  const theirs = meanError(evidence.championAbstention);
  if (mine === null || theirs === null)
    return { name: "abstention", passed: true, detail: "no questions to compare abstention on" };
  return {
    name: "abstention",
    passed: mine <= theirs + abstentionMargin,
    detail: `mean of false answers and false refusals ${percent(mine)}, champion (${champion.ranking}) ${percent(theirs)}; may rise by ${percent(abstentionMargin)}`,
  };
}

function meanError(rates: AbstentionRates | null): number | null {
  const known = [rates?.falseAnswerRate, rates?.falseRefusalRate].filter((x): x is number => typeof x === "number");
  return known.length === 0 ? null : known.reduce((sum, x) => sum + x, 0) / known.length;
}

function reasonFor({ evidence, champion }: GateInput, ranking: Ranking, failed: Criterion | undefined): string {
  if (failed) return `kept back by "${failed.name}": ${failed.detail}`;
  const generated = `${evidence.questions} generated questions`;
  const where = evidence.source === "generated" ? ` (judged on ${generated} only, which is optimistic)` : "";
  const serving = ranking === "reranked" ? "the reranker serves" : "the reranker stays out, retrieval serves";
  return `${champion ? "passed against the champion" : "first measured release"}: ${serving}${where}`;
}

function show({ value, low, high }: Estimate): string {
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`;
}

function signed(x: number): string {
  return `${x >= 0 ? "+" : ""}${x.toFixed(3)}`;
}

function percent(x: number): string {
  return `${(100 * x).toFixed(1)} %`;
}
