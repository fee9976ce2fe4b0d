import { rm } from "node:fs/promises";
import type { Compute } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import type { WorkContext } from "../../base/progress.ts";
import { openCrossEncoder } from "../crossEncoder.ts";
import { describeEmbedder, familyNameOf, openBaseModel, openEmbedder } from "../families/index.ts";
import { lookAt } from "../families/modelFolder.ts";
import { readModelFolder } from "../reading/readModelFolder.ts";
import { openTokenizer, requireWords } from "../tokenizer.ts";
import { writeUntrained } from "../untrained.ts";
import { scanWeights } from "./scanWeights.ts";

const QUESTION = "how do I restart a service?";
const TEXTS = ["Restart the service with the command restart.", "Blue, red and green are colours."];

/** What only opening a model shows. */
export interface TriedModel {
  /** Name of its family. */
  family: string;
  /** Components of a vector; null for a reranker. */
  dimensions: number | null;
  /** Most tokens of a text or pair that it reads. */
  maxTokens: number;
  /** Number of weights. */
  parameters: number;
}

/**
 * Opens the model in a folder and uses it once, so that nothing broken is installed: an embedder embeds three texts, a
 * reranker scores two pairs. Loads native libraries. Throws BadModel, UnsupportedGraph.
 */
export async function tryModel({ modelDir }: { modelDir: string }, { compute }: WorkContext): Promise<TriedModel> {
  const { kind, maxTokens } = await readModelFolder(modelDir);
  const parameters = await scanWeights(modelDir);
  const family = await familyNameOf(modelDir, kind);
  await requireStatedWords(modelDir);
  if (kind === "embedder") return { family, parameters, ...(await tryEmbedder(modelDir, compute)) };
  await tryReranker(modelDir, compute);
  return { family, parameters, dimensions: null, maxTokens };
}

/** Throws BadModel for a tokenizer whose ids exceed the vocabulary that `config.json` states. */
async function requireStatedWords(modelDir: string): Promise<void> {
  const words = (await lookAt(modelDir)).config?.vocab_size;
  if (typeof words === "number") requireWords(modelDir, await openTokenizer(modelDir), words);
}

async function tryEmbedder(modelDir: string, compute: Compute): Promise<Pick<TriedModel, "dimensions" | "maxTokens">> {
  const { limits } = await describeEmbedder(modelDir);
  const embedder = await openEmbedder(modelDir, compute);
  try {
    const vectors = await embedder.embed({ questions: [QUESTION], passages: TEXTS });
    requireFinite(modelDir, vectors);
    const [first, second] = [1, 2].map((row) => vectors.slice(row * embedder.dim, (row + 1) * embedder.dim).join());
    if (first === second) throw useless(modelDir, "different texts get the same vector");
    return { dimensions: embedder.dim, maxTokens: limits.maxTokens };
  } finally {
    await embedder.close();
  }
}

async function tryReranker(modelDir: string, compute: Compute): Promise<void> {
  const { hasSafetensors } = await lookAt(modelDir);
  // A run opens it so too, whether it trains or not.
  if (!(await openBaseModel(modelDir, 1)).hasHead)
    throw new WinnowError(
      "BadModel",
      `${modelDir}: the weights have no trained head, and an encoder alone cannot rank; install it as an embedder, or fetch the whole model`,
    );
  // Beside the model's own draft, where a sweep finds it if this process dies.
  const trial = hasSafetensors ? `${modelDir}-trial` : modelDir;
  try {
    if (hasSafetensors) await writeUntrained(modelDir, trial, null);
    const reranker = await openCrossEncoder(trial, compute);
    const logits = await reranker.score(QUESTION, TEXTS).finally(() => reranker.close());
    requireFinite(modelDir, logits);
    if (logits[0] === logits[1]) throw useless(modelDir, "different passages get the same score");
  } finally {
    if (hasSafetensors) await rm(trial, { recursive: true, force: true });
  }
}

function requireFinite(modelDir: string, values: ArrayLike<number>): void {
  if (!Array.from(values).every(Number.isFinite))
    throw useless(modelDir, "it computes values that are no finite numbers");
}

function useless(modelDir: string, problem: string): WinnowError {
  return new WinnowError("BadModel", `${modelDir}: ${problem}; the weights are damaged or of another model`);
}
