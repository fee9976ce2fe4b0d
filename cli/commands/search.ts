import type { ReleaseChoice } from "../../client/openRelease.ts";
import { search, searchQuestions } from "../../client/search.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { WinnowError } from "../../core/base/errors.ts";
import type { Io } from "../io.ts";
import { renderSearch } from "../renderSearch.ts";
import { bold } from "../style.ts";

export interface SearchOptions extends ReleaseChoice {
  k: number;
  /** Question set: one line of JSON a question. */
  questions?: string;
  /** Every score of each passage. */
  explain?: boolean;
}

/** `winnow search`, for a question or for each question of a set. */
export async function searchCommand(
  config: CliConfig,
  io: Io,
  question: string,
  { k, questions, explain, release, corpus }: SearchOptions,
): Promise<void> {
  if (!question.trim() && !questions) throw new WinnowError("BadInput", "Give a question, or --questions FILE.");
  const options = { k, release, corpus };
  if (!questions) {
    const found = await io.busy("Searching", () => search(config, question, options));
    return io.result(found, (columns) => renderSearch(question, found, { k, explain, columns }));
  }
  for await (const { id, query, result } of searchQuestions(config, questions, options))
    io.result(
      { id, ...result },
      (columns) => `${bold(id)}  ${query}\n\n${renderSearch(query, result, { k, explain, columns })}\n`,
    );
}
