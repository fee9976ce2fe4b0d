import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { computeOptions } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import type { EvaluationSummary } from "../contracts/evaluation.ts";
import type { Ranking } from "../contracts/passage.ts";
import type { TaskProgress } from "../core/base/progress.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { readCodeVersions } from "../core/stages/index.ts";
import { runTask } from "../core/stages/tasks.ts";
import { modelsInWords } from "../core/storage/modelsInWords.ts";
import { existing, openRelease, type ReleaseChoice } from "./openRelease.ts";
import type { Computing, Places } from "./settings.ts";

export interface EvaluateOptions extends ReleaseChoice {
  /** Folder for the report; default: no report is kept. */
  out?: string;
  /** Stops the compute process. */
  signal?: AbortSignal;
  onProgress?: (progress: TaskProgress) => void;
}

export interface ReleaseEvaluation {
  release: string;
  /** Order that the release serves. */
  ranking: Ranking;
  summary: EvaluationSummary;
}

/**
 * Evaluates a release as it serves on a question set. Nothing is fitted: calibration and threshold are the release's own.
 * Scores of pairs are cached in `home`. Throws BadInput for a missing file, BadQuestionSet, UnknownRelease,
 * CorruptArtifact, Cancelled.
 *
 * @example
 * const { summary } = await evaluate(config, "questions.jsonl", { out: "report" });
 * const served = summary.ladder.find(({ name }) => name === "served")?.metrics["ndcg@10"];
 */
export async function evaluate(
  config: Places & Computing,
  questions: string,
  { out, signal, onProgress, ...choice }: EvaluateOptions = {},
): Promise<ReleaseEvaluation> {
  const questionsFile = existing(questions, "questions");
  await loadQuestionSet(questionsFile);
  const { release, folders } = await openRelease(config, choice);
  const { rerankerDir: trainDir, ...parts } = folders;
  const { corpus, ranking, source, createdAt } = release.manifest;
  const code = await readCodeVersions(projectRoot);
  const outDir = out ?? (await mkdtemp(join(tmpdir(), "winnow-evaluate-")));
  try {
    const { summary } = await runTask(
      "evaluateRelease",
      {
        ...parts,
        trainDir,
        modelDir: folders.embedderDir,
        questionsFile,
        ranking,
        outDir,
        scores: { cacheDir: join(config.home, "scores"), code: code.scores! },
        about: {
          ...{ corpus, release: release.id, models: modelsInWords(release.manifest) },
          docs: `${source.digest.slice(0, 12)} of ${createdAt.slice(0, 10)}`,
        },
      },
      { ...computeOptions(config), vectors: config.vectors, signal, onProgress },
    );
    return { release: release.id, ranking, summary };
  } finally {
    if (!out) await rm(outDir, { recursive: true, force: true });
  }
}
