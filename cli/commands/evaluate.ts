import { join } from "node:path";
import { evaluate } from "../../client/evaluate.ts";
import type { ReleaseChoice } from "../../client/openRelease.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { REPORT_FILE } from "../../core/artifacts/evaluation.ts";
import type { Io } from "../io.ts";
import { renderEvaluation } from "../renderEvaluation.ts";

export interface EvaluateOptions extends ReleaseChoice {
  questions: string;
  out?: string;
  /** Every row of the ladder. */
  verbose?: boolean;
}

/** `winnow evaluate`. */
export async function evaluateCommand(
  config: CliConfig,
  io: Io,
  { questions, out, verbose, release: id, corpus }: EvaluateOptions,
): Promise<void> {
  const { release, ranking, summary } = await io.interrupts.during(({ stop }) =>
    evaluate(config, questions, { out, release: id, corpus, signal: stop }),
  );
  io.result({ release, ...summary }, (columns) => renderEvaluation(summary, { ranking, verbose, columns }));
  if (summary.stale > 0) io.log(`\`winnow questions check ${questions}\` names the lines of the stale questions.`);
  if (out) io.log(`Report: ${join(out, REPORT_FILE)}`);
}
