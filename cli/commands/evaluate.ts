import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadQuestionSet } from "../../core/judging/questionSet.ts";
import { readCodeVersions } from "../../core/stages/index.ts";
import { runTask } from "../../core/stages/tasks.ts";
import { type CliConfig, computeOptions, projectRoot } from "../config.ts";
import type { Io } from "../io.ts";
import { existing, openRelease, type ReleaseChoice } from "../open.ts";
import { renderEvaluation } from "../render.ts";

export interface EvaluateOptions extends ReleaseChoice {
  questions: string;
  /** Folder for the report; default: none is kept. */
  out?: string;
}

/**
 * Evaluates a release as it serves, on a question set: its own calibration and threshold, nothing fitted. Pairs scored
 * before are not scored again.
 */
export async function evaluateCommand(config: CliConfig, io: Io, options: EvaluateOptions): Promise<void> {
  const questionsFile = existing(options.questions, "questions");
  await loadQuestionSet(questionsFile);
  const { release, folders } = await openRelease(config, options);
  const { rerankerDir: trainDir, ...parts } = folders;
  const code = await readCodeVersions(projectRoot);
  const outDir = options.out ?? (await mkdtemp(join(tmpdir(), "winnow-evaluate-")));
  try {
    const { summary } = await runTask(
      "evaluateRelease",
      {
        ...parts,
        trainDir,
        modelDir: folders.embedderDir,
        questionsFile,
        ranking: release.manifest.ranking,
        outDir,
        scores: { cacheDir: join(config.home, "scores"), code: code.scores! },
      },
      { ...computeOptions(config), vectors: config.vectors },
    );
    io.result({ release: release.id, ...summary }, () => renderEvaluation(summary));
    if (options.out) io.log(`Report: ${join(options.out, "report.html")}`);
  } finally {
    if (!options.out) await rm(outDir, { recursive: true, force: true });
  }
}
