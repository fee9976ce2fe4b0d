import { text } from "node:stream/consumers";
import type { ReleaseChoice } from "../../client/openRelease.ts";
import { readPassageFile, readPassages, rerank } from "../../client/rerank.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { table } from "../table.ts";
import { cut } from "../wrap.ts";

/** Characters of a passage that are shown. */
const SHOWN = 100;

export interface RerankOptions extends ReleaseChoice {
  /** File of passages, one a line; `-` reads stdin. */
  passages: string;
  /** Folder of a cross-encoder, used instead of a release's. */
  model?: string;
}

/** `winnow rerank`. */
export async function rerankCommand(
  config: CliConfig,
  io: Io,
  question: string,
  { passages: file, model, release, corpus }: RerankOptions,
): Promise<void> {
  const passages = file === "-" ? readPassages(await text(process.stdin), "stdin") : await readPassageFile(file);
  const reranked = await io.busy("Reranking", () => rerank(config, question, passages, { model, release, corpus }));
  io.result(reranked, (columns) =>
    table(
      ["rank", "logit", "P", "passage"],
      reranked.scores.map((score, rank) => [
        `${rank + 1}`,
        score.logit.toFixed(3),
        score.probability.toFixed(3),
        cut(passages[score.index]!.replace(/\s+/g, " "), SHOWN),
      ]),
      columns,
    ),
  );
}
