import type { SearchResult } from "../../contracts/passage.ts";
import { SERVING_DEPTH } from "../../contracts/passage.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { loadQuestionSet } from "../../core/judging/questionSet.ts";
import { openService } from "../../core/stages/tasks.ts";
import { type CliConfig, computeOptions } from "../config.ts";
import type { Io } from "../io.ts";
import { existing, openRelease, type ReleaseChoice } from "../open.ts";
import { renderSearch } from "../render.ts";

export interface SearchOptions extends ReleaseChoice {
  k?: number;
  /** Question set: one line of JSON a question. */
  questions?: string;
}

/** Ranked passages for a question, or for each question of a set; needs no Temporal and no LLM. */
export async function searchCommand(
  config: CliConfig,
  io: Io,
  question: string,
  options: SearchOptions,
): Promise<void> {
  if (!question.trim() && !options.questions)
    throw new WinnowError("BadInput", "Give a question, or --questions FILE.");
  const set = options.questions ? await loadQuestionSet(existing(options.questions, "questions")) : null;
  const { release, folders } = await openRelease(config, options);
  const { ranking } = release.manifest;
  const engine = await openService(
    "engine",
    { ...folders, release: release.id, ranking },
    { ...computeOptions(config), vectors: config.vectors },
  );
  const k = options.k ?? SERVING_DEPTH;
  const search = (text: string): Promise<SearchResult> => engine.request("search", text, k);
  try {
    if (!set) {
      const found = await search(question);
      return io.result(found, () => renderSearch(found, k));
    }
    for (const { id, query } of set) {
      const found = await search(query);
      io.result({ id, ...found }, () => `${id}  ${query}\n${renderSearch(found, k)}\n`);
    }
  } finally {
    await engine.close();
  }
}
