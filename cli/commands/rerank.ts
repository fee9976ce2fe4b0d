import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { WinnowError } from "../../core/base/errors.ts";
import { runTask } from "../../core/stages/tasks.ts";
import { type CliConfig, computeOptions } from "../config.ts";
import type { Io } from "../io.ts";
import { existing, openRelease, type ReleaseChoice } from "../open.ts";
import { table } from "../render.ts";

export interface RerankOptions extends ReleaseChoice {
  /** File of passages, one a line; `-` reads stdin. */
  passages: string;
  /** Folder of a cross-encoder, instead of a release's. */
  model?: string;
}

/** Logit and probability of each passage for a question, best first. Needs no Temporal. */
export async function rerankCommand(
  config: CliConfig,
  io: Io,
  question: string,
  options: RerankOptions,
): Promise<void> {
  const source =
    options.passages === "-"
      ? await text(process.stdin)
      : await readFile(existing(options.passages, "passages"), "utf8");
  const passages = readPassages(source, options.passages);
  const { name, modelDir, evaluateDir } = await chosenModel(config, options);
  const scores = await runTask("rerank", { modelDir, evaluateDir, question, passages }, computeOptions(config));
  io.result({ model: name, scores }, () =>
    table(
      ["rank", "logit", "P", "passage"],
      scores.map((score, rank) => [
        `${rank + 1}`,
        score.logit.toFixed(3),
        score.probability.toFixed(3),
        passages[score.index]!.slice(0, 100),
      ]),
    ),
  );
}

/** One passage a line, as text or as a JSON string; empty lines are no passages. */
export function readPassages(source: string, name: string): string[] {
  const passages = source.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "") return [];
    if (!line.trimStart().startsWith('"')) return [line];
    try {
      return [String(JSON.parse(line))];
    } catch {
      throw new WinnowError(
        "BadInput",
        `${name}:${index + 1}: the line begins with a quotation mark but is no JSON string`,
      );
    }
  });
  if (passages.length === 0) throw new WinnowError("BadInput", `${name} holds no passages: give one a line`);
  return passages;
}

async function chosenModel(config: CliConfig, options: RerankOptions) {
  if (options.model) {
    const modelDir = existing(options.model, "model");
    return { name: basename(modelDir), modelDir, evaluateDir: null };
  }
  const { release, folders } = await openRelease(config, options);
  return { name: `release ${release.id}`, modelDir: folders.rerankerDir, evaluateDir: folders.evaluateDir };
}
