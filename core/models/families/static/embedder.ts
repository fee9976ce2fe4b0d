import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import type { Embedder } from "../../embedder.ts";
import { readSafetensors } from "../../safetensors.ts";
import { openPlainTokenizer, requireWords } from "../../tokenizer.ts";
import { unitRow } from "../../unitRow.ts";
import { requireTensor } from "../../weights.ts";
import type { Reading } from "../family.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { notNumbers } from "../notNumbers.ts";
import { prefixed } from "../prefixed.ts";
import { describeStatic, tableIn } from "./facts.ts";

/** Texts between two pauses, in which a cancellation can arrive. */
const TEXTS_AT_ONCE = 256;

/**
 * Opens a StaticEmbedding of sentence-transformers: a text's vector is the mean of its tokens' rows in a table. There is
 * no network, so no int8 twin either. Throws BadModel.
 */
export async function openStaticEmbedder(folder: ModelFolder, reading: Reading): Promise<Embedder> {
  const { path, tensor, words, dim } = await tableIn(folder);
  const own = join(folder.dir, path);
  const table = requireTensor(await readSafetensors(join(own, "model.safetensors")), tensor, [words, dim]).data;
  const tokenizer = await openPlainTokenizer(own);
  requireWords(own, tokenizer, words);
  const { id, modelDigest, limits, prefixes } = await describeStatic(folder, reading);
  const vectorOf = (text: string, into: Float32Array) => {
    const ids = tokenizer.ids(text).slice(0, limits.maxTokens);
    const rows = new Float32Array(ids.length * dim);
    ids.forEach((row, place) => {
      rows.set(table.subarray(row * dim, (row + 1) * dim), place * dim);
    });
    unitRow(rows, into);
    if (Number.isNaN(into[0])) throw notNumbers(id);
  };
  return {
    ...{ id, dim, modelDigest, limits },
    async embed(given, ctx) {
      const texts = prefixed(given, prefixes);
      const vectors = new Float32Array(texts.length * dim);
      for (const [row, text] of texts.entries()) {
        if (ctx?.signal.aborted) throw new WinnowError("Cancelled", "embedding was cancelled");
        vectorOf(text, vectors.subarray(row * dim, (row + 1) * dim));
        if ((row + 1) % TEXTS_AT_ONCE !== 0 && row + 1 !== texts.length) continue;
        ctx?.progress({ step: row + 1, of: texts.length, note: "passages embedded" });
        await new Promise((resolve) => setImmediate(resolve));
      }
      return vectors;
    },
    close: async () => {},
  };
}
