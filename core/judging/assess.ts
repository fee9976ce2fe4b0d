import type { CalibrationUse, EvaluationSummary, Int8Verdict, MetricName } from "../../contracts/evaluation.ts";
import { ROWS } from "../../contracts/ladderRows.ts";
import type { Ranking } from "../../contracts/passage.ts";
import { type AbstentionDetails, abstentionDetails, abstentionSummary } from "./abstention.ts";
import { askedFalseAnswers } from "./askedFalseAnswers.ts";
import type { BootstrapOptions } from "./bootstrap.ts";
import type { Calibrations } from "./calibration.ts";
import { chooseFreshRanking, type GateEvidence } from "./gate.ts";
import {
  difference,
  type LadderRun,
  ladderRow,
  pairedDifferences,
  relevanceRun,
  rerankerRuns,
  retrievalRuns,
  servedRun,
} from "./ladder.ts";
import { mustPassLost, mustPassPassed } from "./mustPass.ts";
import type { RerankerChoice } from "./scored.ts";
import { type CandidateRole, hasLogits, type RerankerRole, type ScoredQuestion, withPageRemoved } from "./scored.ts";
import { fitLogitAlone, type Served, serveFrozen, serveOutOfFold } from "./served.ts";

export interface AssessOptions {
  source: EvaluationSummary["source"];
  /** Questions excluded because their evidence is gone. */
  stale: number;
  bootstrap: BootstrapOptions;
  /** Of the reranker's served precision. */
  p95RerankMs: number | null;
  /** The reranker that serves, and why. Default: the tuned one. */
  reranker?: RerankerChoice;
  /** Verdict on the int8 twin. If it was accepted, the candidate's logits are the twin's. Default: no twin. */
  int8?: Int8Verdict | null;
  /** Reported in the summary. Default: out of fold. */
  calibration?: CalibrationUse;
  /**
   * Share of false answers that the threshold keeps to. Default: the threshold minimises false answers plus false
   * refusals.
   */
  falseAnswers?: number;
  champion: Champion;
  /** A release to use as it is; `null` fits and chooses. */
  frozen: FrozenRelease | null;
}

/** The release that a candidate is compared with. */
export interface Champion {
  /** Its served ranking; `null` if there is no champion. */
  ranking: Ranking | null;
  /** Must-pass questions it passed at its own evaluation; `null` uses those it passes on this corpus. */
  passed: string[] | null;
}

export const NO_CHAMPION: Champion = { ranking: null, passed: null };

/** A release's own calibrations, ranking and reranker. */
export interface FrozenRelease {
  calibrations: Calibrations;
  ranking: Ranking;
  role: CandidateRole;
}

/** An evaluation in memory, before it is written. */
export interface Assessment {
  summary: EvaluationSummary;
  evidence: GateEvidence;
  calibrations: Calibrations;
  runs: LadderRun[];
  /** Questions as assessed, including stand-ins if the set has no unanswerable ones. */
  questions: ScoredQuestion[];
  served: Record<Ranking, Served | null>;
  abstention: Record<Ranking, AbstentionDetails | null>;
  /** Ranking behind the summary's abstention figures: the frozen one, otherwise the one that serves. */
  ranking: Ranking;
}

/** Ladder, paired differences, calibration, abstention and gate evidence of scored questions. Pure. */
export function assess(scored: ScoredQuestion[], options: AssessOptions): Assessment {
  const questions = withPageRemoved(scored);
  const role = options.frozen?.role ?? options.reranker?.role ?? "tuned";
  const served = serveRankings(questions, role, options);
  const champion = serveChampion(questions, options, served.retrieval);
  const other: CandidateRole = role === "tuned" ? "untrained" : "tuned";
  const beside = options.frozen || !hasLogits(questions, other) ? null : serveOutOfFold(questions, other, options);
  const runs = allRuns(questions, served, { champion, [other]: beside });
  const abstention = {
    retrieval: abstentionDetails(served.retrieval),
    reranked: served.reranked && abstentionDetails(served.reranked),
  };
  const evidence = gateEvidence({ questions, served, champion, runs, abstention, options });
  const ranking = options.frozen?.ranking ?? chooseFreshRanking(evidence).ranking;
  const { falseAnswers } = options;
  const asked = falseAnswers === undefined ? {} : { askedFalseAnswers: askedFalseAnswers(falseAnswers, questions) };
  return {
    summary: {
      questions: scored.filter((q) => q.answerable).length,
      stale: options.stale,
      source: options.source,
      ladder: runs.map((run) => ladderRow(run, options.bootstrap)),
      paired: pairedDifferences(runs, options.bootstrap),
      abstention: abstentionSummary(abstention[ranking] ?? abstention.retrieval),
      reranker: role,
      calibration: options.calibration ?? "out-of-fold",
      ...asked,
      int8: options.int8 ?? null,
    },
    evidence,
    calibrations: options.frozen?.calibrations ?? {
      reranked: served.reranked?.calibration ?? null,
      retrieval: served.retrieval.calibration,
      logit: served.reranked && fitLogitAlone(questions, role),
      precision: options.int8?.accepted ? "int8" : "float32",
    },
    runs,
    questions,
    served,
    abstention,
    ranking,
  };
}

function allRuns(
  questions: ScoredQuestion[],
  { retrieval, reranked }: Rankings,
  beside: Partial<Record<RerankerRole, Served | null>>,
): LadderRun[] {
  const runs = retrievalRuns(questions);
  if (reranked) runs.push(relevanceRun(ROWS.withoutLogit, questions, retrieval.questions));
  const { champion, untrained, tuned } = beside;
  if (champion) runs.push(servedRun(ROWS.champion, questions, champion.questions));
  runs.push(...rerankerRuns(questions));
  if (untrained) runs.push(servedRun(ROWS.untrainedCalibrated, questions, untrained.questions));
  if (tuned) runs.push(servedRun(ROWS.tunedCalibrated, questions, tuned.questions));
  if (reranked) runs.push(servedRun(ROWS.served, questions, reranked.questions));
  return runs;
}

type Rankings = { retrieval: Served; reranked: Served | null };

function serveRankings(questions: ScoredQuestion[], role: CandidateRole, options: AssessOptions): Rankings {
  const { frozen } = options;
  const isScored = hasLogits(questions, role);
  const outOfFold = (role: CandidateRole | null) => serveOutOfFold(questions, role, options);
  if (!frozen) return { retrieval: outOfFold(null), reranked: isScored ? outOfFold(role) : null };
  const { retrieval, reranked } = frozen.calibrations;
  return {
    retrieval: serveFrozen(questions, null, retrieval),
    reranked: isScored && reranked ? serveFrozen(questions, role, reranked) : null,
  };
}

function serveChampion(questions: ScoredQuestion[], options: AssessOptions, retrieval: Served): Served | null {
  const { ranking } = options.champion;
  if (ranking === "retrieval") return retrieval;
  if (ranking !== "reranked" || !hasLogits(questions, "champion")) return null;
  return serveOutOfFold(questions, "champion", options);
}

function gateEvidence(found: {
  questions: ScoredQuestion[];
  served: Rankings;
  champion: Served | null;
  runs: LadderRun[];
  abstention: Record<Ranking, AbstentionDetails | null>;
  options: AssessOptions;
}): GateEvidence {
  const { questions, served, champion, runs, abstention, options } = found;
  const metric: MetricName = "ndcg@10";
  const minus = (a: string, b: string) => {
    const [runA, runB] = [a, b].map((name) => runs.find((run) => run.name === name));
    return runA && runB ? difference(runA, runB, metric, options.bootstrap) : null;
  };
  const passed = {
    retrieval: mustPassPassed(questions, served.retrieval),
    reranked: served.reranked ? mustPassPassed(questions, served.reranked) : new Set<string>(),
  };
  const before = options.champion.passed ?? (champion ? mustPassPassed(questions, champion) : []);
  const mustPass = questions.filter((q) => q.mustPass).map((q) => q.id);
  const both = <T>(value: (ranking: Ranking) => T): Record<Ranking, T> => ({
    retrieval: value("retrieval"),
    reranked: value("reranked"),
  });
  return {
    source: options.source,
    questions: questions.filter((q) => q.answerable).length,
    rerankedVsRetrieval: minus(ROWS.served, ROWS.retrieval),
    rerankedVsWithoutLogit: minus(ROWS.served, ROWS.withoutLogit),
    vsChampion: { retrieval: minus(ROWS.retrieval, ROWS.champion), reranked: minus(ROWS.served, ROWS.champion) },
    p95RerankMs: options.p95RerankMs,
    int8: options.int8 ?? null,
    fineTuning: options.reranker ?? null,
    mustPassLost: both((ranking) => mustPassLost(before, passed[ranking])),
    mustPassFailed: both((ranking) => mustPassLost(mustPass, passed[ranking])),
    abstention: both((ranking) => rates(abstention[ranking])),
    championAbstention: champion && rates(abstentionDetails(champion)),
  };
}

function rates(details: AbstentionDetails | null) {
  return details && { falseAnswerRate: details.falseAnswerRate, falseRefusalRate: details.falseRefusalRate };
}
