import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { Limits, Ranking } from "../contracts/passage.ts";
import {
  type EvaluationFile,
  type QuestionLine,
  readEvaluation,
  readQuestionLines,
  servingLimits,
} from "../core/artifacts/evaluation.ts";
import { messageOf } from "../core/base/errors.ts";
import type { ReliabilityBin } from "../core/judging/reliability.ts";
import { abstentionRates } from "../core/judging/threshold.ts";
import { championStack } from "../core/storage/ledger.ts";
import type { Promotion, Release } from "../core/storage/releases.ts";
import { partsOf } from "./releaseComparison.ts";
import { type MeasuredQuality, qualityAsServed } from "./releaseShelf.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Thresholds of a curve. */
const STEPS = 50;

/** Rates at a threshold on P(relevant), over the judged questions. Null if no question could have that error. */
export interface RatesAt {
  threshold: number;
  falseAnswerRate: number | null;
  falseRefusalRate: number | null;
}

/** Curves of an evaluation, as far as its artifact can be read. */
export interface EvaluationCurves {
  reliability: { ranking: Ranking; bins: readonly ReliabilityBin[] }[];
  /** Rates by threshold of the ranking that serves. */
  rates: RatesAt[];
  /** Limits that serve. */
  limits: Limits;
  /** Time per question of the release as it serves, in milliseconds; null if it was not measured. */
  latency: { p50: number; p95: number } | null;
}

/** A release with everything that it is made of and how it was measured. */
export interface ReleaseDetails extends Release {
  quality: MeasuredQuality | null;
  /** The release that serves its corpus; null if none does. */
  champion: string | null;
  /** The release that a rollback of its corpus returns to; null if there is none. */
  before: string | null;
  /** Its lines in the ledger, the newest first. */
  ledger: Promotion[];
  /** It serves or served before. */
  served: boolean;
  /** It is one of the champions that a rollback can return to. */
  earlier: boolean;
  /** Its artifacts were removed: it cannot serve again. */
  retired: boolean;
  parts: { name: string; digests: string[]; bytes: number }[];
  /** Null if the release is not measured, or its evaluation cannot be read. */
  curves: EvaluationCurves | null;
  /** Why there are no curves; null if there are. */
  noCurves: string | null;
}

/**
 * One release, by its id or the start of it. Needs no Temporal. Throws UnknownRelease, CorruptArtifact for a damaged
 * manifest or ledger.
 */
export async function releaseDetails(places: Places, id: string): Promise<ReleaseDetails> {
  const { store, releases } = await storageOf(places);
  const release = await releases.read(id);
  const { manifest } = release;
  const ledger = await releases.ledger(manifest.corpus);
  const own = ledger.filter((entry) => entry.release === release.id);
  const stack = championStack(ledger);
  const curves = await curvesOf(manifest.evaluate, manifest.ranking, (ref) => store.resolve(ref));
  return {
    ...release,
    quality: qualityAsServed(manifest),
    champion: ledger.at(-1)?.release ?? null,
    before: stack.at(-2) ?? null,
    ledger: own.reverse(),
    served: own.length > 0,
    earlier: stack.slice(0, -1).includes(release.id),
    retired: await releases.isRetired(release.id),
    parts: partsOf(manifest),
    ...curves,
  };
}

async function curvesOf(
  evaluate: ArtifactRef | null,
  ranking: Ranking,
  resolve: (ref: ArtifactRef) => Promise<string>,
): Promise<Pick<ReleaseDetails, "curves" | "noCurves">> {
  if (evaluate === null) return { curves: null, noCurves: "The release is not measured." };
  try {
    const dir = await resolve(evaluate);
    const [{ details }, lines] = await Promise.all([readEvaluation(dir), readQuestionLines(dir)]);
    return { curves: curves(details, lines, ranking), noCurves: null };
  } catch (error) {
    return { curves: null, noCurves: messageOf(error) };
  }
}

function curves(
  details: EvaluationFile["details"],
  lines: readonly QuestionLine[],
  ranking: Ranking,
): EvaluationCurves {
  const { abstention, latency } = details;
  const reliability = (["retrieval", "reranked"] as const).flatMap((name) => {
    const bins = abstention[name]?.reliability;
    return bins ? [{ ranking: name, bins }] : [];
  });
  const decidable = lines.flatMap((line) => {
    const served = line.served[ranking];
    if (line.stale || !served) return [];
    const found = Object.values(line.metrics).some((row) => row["recall@30"]! > 0);
    const answerable = Object.keys(line.metrics).length > 0;
    return [{ id: line.id, answerable, retrieved: found, best: served.best }];
  });
  const rates = Array.from({ length: STEPS + 1 }, (_, step) => {
    const threshold = step / STEPS;
    return { threshold, ...abstentionRates(decidable, () => threshold) };
  });
  return { reliability, rates, limits: servingLimits(details, ranking), latency };
}
