import { basename } from "node:path";
import { computeOptions } from "../config/cliConfig.ts";
import { WinnowError } from "../core/base/errors.ts";
import { MB, readGivenText, Unreadable } from "../core/base/given/files.ts";
import type { RerankScore } from "../core/serving/rerankLines.ts";
import { runTask } from "../core/stages/tasks.ts";
import { existing, openRelease, type ReleaseChoice } from "./openRelease.ts";
import type { Computing, Places } from "./settings.ts";

const MAX_BYTES = 200 * MB;

export interface RerankOptions extends ReleaseChoice {
  /** Folder of a cross-encoder, used instead of a release's reranker. */
  model?: string;
  /** Stops the compute process. */
  signal?: AbortSignal;
}

export interface Reranked {
  /** `release ID`, or the name of the model's folder. */
  model: string;
  /** Best first; `index` is the position in the passages given. Empty ones have no score. */
  scores: RerankScore[];
}

/**
 * Logit and P(relevant) of each passage for a question, best first; needs no Temporal. P(relevant) is calibrated on the
 * logit alone; for `model` it is the sigmoid of the logit. Throws BadInput for no passages or a missing folder,
 * UnknownRelease, CorruptArtifact, BadModel, Cancelled.
 *
 * @example
 * const { scores } = await rerank(config, "what is a pod?", ["A pod is a group of containers.", "Nodes run pods."]);
 * const best = scores[0].index;
 */
export async function rerank(
  config: Places & Computing,
  question: string,
  passages: readonly string[],
  { model, signal, ...choice }: RerankOptions = {},
): Promise<Reranked> {
  const given = passages.flatMap((text, index) => (text.trim() === "" ? [] : [{ text, index }]));
  if (given.length === 0) throw new WinnowError("BadInput", "There are no passages to rank.");
  const { name, modelDir, evaluateDir } = await chosenModel(config, model, choice);
  const args = { modelDir, evaluateDir, question, passages: given.map(({ text }) => text) };
  const scores = await runTask("rerank", args, { ...computeOptions(config), signal });
  return { model: name, scores: scores.map((score) => ({ ...score, index: given[score.index]!.index })) };
}

/** Passages of a file; see `readPassages`. Throws BadInput for what is no regular file or is too large. */
export async function readPassageFile(path: string): Promise<string[]> {
  const file = existing(path, "passages");
  const source = await readGivenText(file, { maxBytes: MAX_BYTES }).catch((cause) => {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new WinnowError("BadInput", `--passages: ${file} ${cause.message}`, { cause });
  });
  return readPassages(source, path);
}

/**
 * Passages of a text: one a line, as plain text or as a JSON string. An empty line is an empty passage, so that a
 * passage's position is that of its line. `name` stands for the text in messages. Throws BadInput for a line that
 * begins like a JSON string but is none, and for a text without passages.
 */
export function readPassages(source: string, name: string): string[] {
  const passages = source.split(/\r?\n/).map((line, index) => {
    if (line.trim() === "") return "";
    if (!line.trimStart().startsWith('"')) return line;
    try {
      return String(JSON.parse(line));
    } catch {
      throw new WinnowError(
        "BadInput",
        `${name}:${index + 1}: the line begins with a quotation mark but is no JSON string`,
      );
    }
  });
  if (passages.every((text) => text.trim() === ""))
    throw new WinnowError("BadInput", `${name} holds no passages: give one a line`);
  return passages;
}

async function chosenModel(places: Places, model: string | undefined, choice: ReleaseChoice) {
  if (model) {
    const modelDir = existing(model, "model");
    return { name: basename(modelDir), modelDir, evaluateDir: null };
  }
  const { release, folders } = await openRelease(places, choice);
  const { rerankerDir: modelDir, evaluateDir } = folders;
  if (modelDir === null)
    throw new WinnowError(
      "BadInput",
      `Release ${release.id} is not measured yet and has no reranker. Wait until its run has ended (\`npx winnow status\`), or give --model FOLDER.`,
    );
  return { name: `release ${release.id}`, modelDir, evaluateDir };
}
