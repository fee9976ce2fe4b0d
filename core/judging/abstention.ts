import type { AbstentionReport } from "../../contracts/evaluation.ts";
import type { Limits } from "../../contracts/passage.ts";
import { unsureRates } from "./limits.ts";
import { NEAR_TOPIC, OFF_TOPIC } from "./question.ts";
import { brierSkill, expectedCalibrationError, type ReliabilityBin, reliabilityBins } from "./reliability.ts";
import { PAGE_REMOVED } from "./scored.ts";
import type { Served, ServedQuestion } from "./served.ts";
import { abstentionRates, auroc, share } from "./threshold.ts";

/** The summary's abstention figures, plus those that only the report shows. */
export interface AbstentionDetails extends AbstentionReport {
  /** Serving threshold of the release. The rates above use each fold's own threshold unless it was frozen. */
  threshold: number;
  /** Serving limits of the release. */
  limits: Limits;
  wrongEvidenceRate: number | null;
  /** Share of answerable questions answered although the first passage behind the answer is not judged. */
  wrongFirstRate: number | null;
  /** AUROC against stand-ins made by removing the judged pages; only set if there are no unanswerable questions. */
  aurocPageRemoved: number | null;
  counts: { answerable: number; near: number; offTopic: number; pageRemoved: number; otherUnanswerable: number };
  reliability: ReliabilityBin[];
}

/**
 * How well a ranking's relevance separates questions it can answer from others. ECE and Brier skill are over each
 * question's first passage.
 */
export function abstentionDetails({ questions, calibration }: Served): AbstentionDetails {
  const answerable = questions.filter((q) => q.answerable);
  const ofKind = (kind: string) => questions.filter((q) => q.kind === kind);
  const aurocAgainst = (kind: string) => auroc(answerable.map(best), ofKind(kind).map(best));
  const tops = questions.flatMap((q) => (q.top ? [q.top] : []));
  const [near, offTopic, pageRemoved] = [NEAR_TOPIC, OFF_TOPIC, PAGE_REMOVED].map((kind) => ofKind(kind).length);
  const known = answerable.length + near! + offTopic! + pageRemoved!;
  return {
    aurocNear: aurocAgainst(NEAR_TOPIC),
    aurocOffTopic: aurocAgainst(OFF_TOPIC),
    aurocPageRemoved: aurocAgainst(PAGE_REMOVED),
    ece: expectedCalibrationError(tops),
    brierSkill: brierSkill(tops),
    ...abstentionRates(questions, (q) => q.threshold),
    wrongEvidenceRate: share(answerable, (q) => q.decision === "answer" && q.used.length > 0 && !q.used.includes(true)),
    wrongFirstRate: share(answerable, (q) => q.decision === "answer" && q.used[0] === false),
    unsure: unsureRates(questions),
    n: tops.length,
    threshold: calibration.threshold,
    limits: calibration.limits,
    counts: {
      answerable: answerable.length,
      near: near!,
      offTopic: offTopic!,
      pageRemoved: pageRemoved!,
      otherUnanswerable: questions.length - known,
    },
    reliability: reliabilityBins(tops),
  };
}

/** The subset of the details for the summary. */
export function abstentionSummary(details: AbstentionDetails): AbstentionReport {
  const { aurocNear, aurocOffTopic, ece, brierSkill: skill, n } = details;
  const { falseAnswerRate, falseRefusalRate, wrongEvidenceRate, unsure, counts } = details;
  const rates = { falseAnswerRate, falseRefusalRate, wrongEvidenceRate, unsure };
  const standIns = counts.pageRemoved > 0 ? { standIns: true as const } : {};
  return { aurocNear, aurocOffTopic, ece, brierSkill: skill, ...rates, n, ...standIns };
}

function best(question: ServedQuestion): number {
  return question.best;
}
