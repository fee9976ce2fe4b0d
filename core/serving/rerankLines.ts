import { readCalibrations } from "../artifacts/evaluation.ts";
import type { WorkContext } from "../base/progress.ts";
import { relevanceOf } from "../judging/calibration.ts";
import { sigmoid } from "../judging/logistic.ts";
import { openCrossEncoder } from "../models/crossEncoder.ts";

export interface RerankArgs {
  /** Folder of a cross-encoder. */
  modelDir: string;
  /** Evaluate artifact of the model's release; if `null`, the probability is the logit's sigmoid. */
  evaluateDir: string | null;
  question: string;
  passages: string[];
}

export interface RerankScore {
  /** Position in the input, from 0. */
  index: number;
  logit: number;
  /** P(relevant) from the logit alone, 0..1. */
  probability: number;
}

/** Scores passages against a question, best first. Throws BadModel, CorruptArtifact. */
export async function rerankLines(args: RerankArgs, { compute }: WorkContext): Promise<RerankScore[]> {
  const { logit: calibration, precision } = args.evaluateDir
    ? await readCalibrations(args.evaluateDir)
    : { logit: null, precision: "float32" as const };
  const reranker = await openCrossEncoder(args.modelDir, { ...compute, precision });
  try {
    const logits = await reranker.score(args.question, args.passages);
    const probability = (logit: number) =>
      calibration ? relevanceOf(calibration, { logit, cosine: 0, bm25Share: 0 }) : sigmoid(logit);
    return logits
      .map((logit, index) => ({ index, logit, probability: probability(logit) }))
      .sort((a, b) => b.logit - a.logit);
  } finally {
    await reranker.close();
  }
}
