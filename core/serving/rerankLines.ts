import { readCalibrations } from "../artifacts/evaluation.ts";
import type { WorkContext } from "../base/progress.ts";
import { openCrossEncoder } from "../models/crossEncoder.ts";
import { openStates } from "../models/late/openStates.ts";
import { type RerankedLines, scoreLines } from "./lineScores.ts";

export interface RerankArgs {
  /** Folder of a cross-encoder. */
  modelDir: string;
  /** Evaluate artifact of the model's release; if `null`, the probability is the logit's sigmoid. */
  evaluateDir: string | null;
  question: string;
  passages: string[];
}

/** Scores passages against a question, best first. Throws BadModel, CorruptArtifact. */
export async function rerankLines(args: RerankArgs, context: WorkContext): Promise<RerankedLines> {
  const { logit: calibration, precision } = args.evaluateDir
    ? await readCalibrations(args.evaluateDir)
    : { logit: null, precision: "float32" as const };
  const reranker = await openCrossEncoder(args.modelDir, {
    ...context.compute,
    precision,
    states: openStates(context),
  });
  try {
    return await scoreLines(reranker, calibration, args.question, args.passages);
  } finally {
    await reranker.close();
  }
}
