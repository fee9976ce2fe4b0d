import { basename } from "node:path";
import { computeOptions } from "../config/cliConfig.ts";
import { WinnowError } from "../core/base/errors.ts";
import { MB, readGivenText, Unreadable } from "../core/base/given/files.ts";
import { bestFirst, noReranker, type RerankedLines, type RerankScore } from "../core/serving/lineScores.ts";
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

/** Scores of the passages that are not empty, best first; `index` is the position in the passages given. */
export interface Reranked extends RerankedLines {
  /** `release ID`, or the name of the model's folder. */
  model: string;
}

/** A passage that is not empty, and its position in the input. */
interface GivenPassage {
  text: string;
  index: number;
}

/** Passages of one request to the model, so that a cancelled call stops computing within about a second. */
const SLICE = 32;

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
  const given = withoutEmpty(passages);
  if (given.length === 0) throw new WinnowError("BadInput", "There are no passages to rank.");
  const { name, modelDir, evaluateDir } = await chosenModel(config, model, choice);
  const args = { modelDir, evaluateDir, question, passages: given.map(({ text }) => text) };
  const scored = await runTask("rerank", args, { ...computeOptions(config), signal });
  return { model: name, ...scored, scores: asGiven(given, scored.scores) };
}

export function withoutEmpty(passages: readonly string[]): GivenPassage[] {
  return passages.flatMap((text, index) => (text.trim() === "" ? [] : [{ text, index }]));
}

/** Scores passages in slices of similar length until `signal` aborts. Throws Cancelled then. */
export async function inSlices(
  given: readonly GivenPassage[],
  score: (texts: string[]) => Promise<RerankedLines>,
  signal?: AbortSignal,
): Promise<RerankedLines> {
  const byLength = [...given].sort((a, b) => a.text.length - b.text.length);
  const scores: RerankScore[] = [];
  let questionTruncated = false;
  for (let first = 0; first < byLength.length; first += SLICE) {
    if (signal?.aborted) throw new WinnowError("Cancelled", "Reranking was cancelled");
    const slice = byLength.slice(first, first + SLICE);
    const scored = await score(slice.map(({ text }) => text));
    scores.push(...asGiven(slice, scored.scores));
    questionTruncated ||= scored.questionTruncated;
  }
  return { scores: bestFirst(scores), questionTruncated };
}

function asGiven(given: readonly GivenPassage[], scores: readonly RerankScore[]): RerankScore[] {
  return scores.map((score) => ({ ...score, index: given[score.index]!.index }));
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
  if (modelDir === null) throw noReranker(release.id);
  return { name: `release ${release.id}`, modelDir, evaluateDir };
}
