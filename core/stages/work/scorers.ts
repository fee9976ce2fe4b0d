import { join } from "node:path";
import type { Precision } from "../../../contracts/evaluation.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import { readCalibrations } from "../../artifacts/evaluation.ts";
import type { Compute } from "../../base/compute.ts";
import type { RerankerRole } from "../../judging/scored.ts";
import { hasTwin, openCrossEncoder } from "../../models/crossEncoder.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";
import { openCachedScorer, type PairScoreOptions } from "./pairScores.ts";
import type { PairScorer, Rerankers } from "./rerankQuestions.ts";

export interface Closable {
  close(): unknown;
}

/** Remembers what was opened, so that it is closed whatever comes after. */
export async function keep<T extends Closable>(opened: Closable[], opening: Promise<T>): Promise<T> {
  const part = await opening;
  opened.push(part);
  return part;
}

interface ScorerOptions {
  outDir: string;
  /** Those decided before: a release's own, the champion's. */
  precisions: Partial<Record<RerankerRole, Precision>>;
  compute: Compute;
  scores?: ScoreSources;
}

/** Scores of question and text that are there already (`PairScoreOptions`), and digest of the code that made them. */
export type ScoreSources = Required<Pick<PairScoreOptions, "cacheDir" | "code">> &
  Pick<PairScoreOptions, "imports" | "exportTo">;

/** A tuned reranker, what it started from, and the champion it is compared with. */
export interface CandidateArgs {
  /** Tuned reranker; `null`: none. */
  trainDir: string | null;
  /** The reranker that training started from: adds its rows. */
  untrainedDir?: string | null;
  /** The champion's reranker, scored on this corpus. */
  championTrainDir?: string | null;
  /** Ranking the champion serves with. Default: `reranked` when `championTrainDir` is given. */
  championRanking?: Ranking | null;
  /** The champion's evaluate artifact: which must-pass questions it passed. */
  championEvaluateDir?: string | null;
  outDir: string;
}

/** Folders of the rerankers a candidate's evaluation scores, and precisions decided before. */
export async function candidateRerankers(args: CandidateArgs) {
  const championRanking = args.championRanking ?? (args.championTrainDir ? "reranked" : null);
  const calibration = args.championEvaluateDir && join(args.championEvaluateDir, "calibration.json");
  return {
    championRanking,
    rerankers: {
      tuned: args.trainDir,
      untrained: args.untrainedDir ?? null,
      champion: championRanking === "reranked" ? (args.championTrainDir ?? null) : null,
    },
    precisions: calibration ? { champion: (await readCalibrations(calibration)).precision } : {},
  };
}

/** The rerankers of one evaluation. What is opened is added to `opened`, for the caller to close. */
export class Scorers {
  private untrained: { dir: string; scorer: PairScorer } | null = null;

  constructor(
    private readonly options: ScorerOptions,
    private readonly opened: Closable[],
  ) {}

  /**
   * Opens each reranker folder once, and the int8 twin of a tuned one whose precision is still to be decided. A champion
   * with the candidate's own reranker is not scored twice.
   */
  async open(dirs: Record<RerankerRole, string | null>): Promise<Rerankers> {
    const { precisions } = this.options;
    const scorers: Rerankers = {};
    for (const [role, dir] of Object.entries(dirs) as [RerankerRole, string | null][]) {
      if (dir && !(role === "champion" && dir === dirs.tuned))
        scorers[role] = await this.openOne(dir, precisions[role] ?? "float32");
    }
    if (scorers.untrained) this.untrained = { dir: dirs.untrained!, scorer: scorers.untrained };
    const toJudge = dirs.tuned && !precisions.tuned && hasTwin(dirs.tuned) ? dirs.tuned : null;
    if (toJudge) scorers.twin = await this.openTwin(toJudge);
    return scorers;
  }

  /** Whether the untrained weights are among what was opened. */
  get hasUntrained(): boolean {
    return this.untrained !== null;
  }

  /** The untrained reranker, open already, with its int8 twin, now that it may serve. */
  async openUntrainedTwin(): Promise<Rerankers> {
    if (!this.untrained) return {};
    const { dir, scorer } = this.untrained;
    return { untrained: scorer, twin: hasTwin(dir) ? await this.openTwin(dir) : null };
  }

  private async openTwin(dir: string): Promise<NonNullable<Rerankers["twin"]>> {
    return (await integerProductsSaturate()) ? "unusable" : this.openOne(dir, "int8");
  }

  private openOne(dir: string, precision: Precision): Promise<PairScorer & Closable> {
    const { compute, scores } = this.options;
    const opening: Promise<PairScorer & Closable> = scores
      ? openCachedScorer(dir, { ...scores, ...compute, precision })
      : openCrossEncoder(dir, { ...compute, precision });
    return keep(this.opened, opening);
  }
}
