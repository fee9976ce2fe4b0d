import type { Precision } from "../../../contracts/evaluation.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import { readCalibrations } from "../../artifacts/evaluation.ts";
import type { WorkContext } from "../../base/progress.ts";
import type { RerankerRole } from "../../judging/scored.ts";
import { openCrossEncoder } from "../../models/crossEncoder.ts";
import type { KeptStates } from "../../models/late/keptStates.ts";
import { openStates } from "../../models/late/openStates.ts";
import { hasTwin } from "../../models/onnxFiles.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";
import { openCachedScorer, type PairScoreOptions } from "./pairScores.ts";
import type { PairScorer, Rerankers } from "./rerankQuestions.ts";

export interface Closable {
  close(): unknown;
}

/** Registers an opened part, so that it is always closed. */
export async function keep<T extends Closable>(opened: Closable[], opening: Promise<T>): Promise<T> {
  const part = await opening;
  opened.push(part);
  return part;
}

/** Model folder of each reranker, with its precision if already decided, as for a release or the champion. */
export type RerankerFolders = Record<RerankerRole, { dir: string; precision?: Precision } | null>;

/** Existing scores of pairs (`PairScoreOptions`), and the digest of the code that made them. */
export type ScoreSources = Required<Pick<PairScoreOptions, "cacheDir" | "code">> &
  Pick<PairScoreOptions, "imports" | "exportTo">;

/** A tuned reranker, its untrained weights, and the champion to compare it with. */
export interface CandidateArgs {
  /** Tuned reranker, or `null`. */
  trainDir: string | null;
  /** The untrained reranker, which adds its rows. */
  untrainedDir?: string | null;
  /** The champion's reranker, scored on this corpus. */
  championTrainDir?: string | null;
  /** Ranking served by the champion. Default: `reranked` if `championTrainDir` is given. */
  championRanking?: Ranking | null;
  /** The champion's evaluate artifact, with the must-pass questions it passed. */
  championEvaluateDir?: string | null;
  outDir: string;
}

/** The rerankers scored in a candidate's evaluation, and the champion's ranking. */
export async function candidateRerankers(
  args: CandidateArgs,
): Promise<{ rerankers: RerankerFolders; championRanking: Ranking | null }> {
  const { trainDir, untrainedDir, championTrainDir, championEvaluateDir } = args;
  const championRanking = args.championRanking ?? (championTrainDir ? "reranked" : null);
  const precision = championEvaluateDir ? (await readCalibrations(championEvaluateDir)).precision : undefined;
  return {
    championRanking,
    rerankers: {
      tuned: trainDir === null ? null : { dir: trainDir },
      untrained: untrainedDir ? { dir: untrainedDir } : null,
      champion: championRanking === "reranked" && championTrainDir ? { dir: championTrainDir, precision } : null,
    },
  };
}

/** The rerankers of one evaluation. Adds everything it opens to `opened`, for the caller to close. */
export class Scorers {
  /** Shared by all rerankers: those with the same lower layers compute a passage once. */
  private readonly states: KeptStates;
  private untrained: { dir: string; scorer: PairScorer } | null = null;

  constructor(
    private readonly args: { outDir: string; scores?: ScoreSources },
    private readonly context: Pick<WorkContext, "compute" | "warn">,
    private readonly opened: Closable[],
  ) {
    this.states = openStates(context);
  }

  /**
   * Opens each reranker folder once, and the int8 twin of the candidate's own, tuned or else untrained, if its precision
   * is undecided. Skips a champion with the candidate's own reranker.
   */
  async open(folders: RerankerFolders): Promise<Rerankers> {
    const { tuned, untrained } = folders;
    const scorers: Rerankers = {};
    for (const [role, found] of Object.entries(folders) as [RerankerRole, RerankerFolders[RerankerRole]][]) {
      if (found && !(role === "champion" && found.dir === tuned?.dir))
        scorers[role] = await this.openOne(found.dir, found.precision ?? "float32");
    }
    if (scorers.untrained) this.untrained = { dir: folders.untrained!.dir, scorer: scorers.untrained };
    const own = tuned ?? untrained;
    if (own && !own.precision && hasTwin(own.dir)) scorers.twin = await this.openTwin(own.dir);
    return scorers;
  }

  /** Whether the untrained weights are open. */
  get hasUntrained(): boolean {
    return this.untrained !== null;
  }

  /** The open untrained reranker with its int8 twin, once it may serve. */
  async openUntrainedTwin(): Promise<Rerankers> {
    if (!this.untrained) return {};
    const { dir, scorer } = this.untrained;
    return { untrained: scorer, twin: hasTwin(dir) ? await this.openTwin(dir) : null };
  }

  private async openTwin(dir: string): Promise<NonNullable<Rerankers["twin"]>> {
    return (await integerProductsSaturate()) ? "unusable" : this.openOne(dir, "int8");
  }

  private openOne(dir: string, precision: Precision): Promise<PairScorer & Closable> {
    const { scores } = this.args;
    const options = { ...this.context.compute, precision, states: this.states };
    const opening: Promise<PairScorer & Closable> = scores
      ? openCachedScorer(dir, { ...scores, ...options })
      : openCrossEncoder(dir, options);
    return keep(this.opened, opening);
  }
}
