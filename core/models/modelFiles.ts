import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { INTEGER_PRODUCT, quantizeModel } from "../onnx/quantize.ts";
import { createSession } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import { writeModel } from "../onnx/write.ts";
import { MAX_PAIR_TOKENS } from "./wholeText.ts";

/** Optional tokenizer files that repeat the content of `tokenizer.json`. */
export const TOKENIZER_EXTRAS = [
  "special_tokens_map.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
  "sentencepiece.bpe.model",
];

/** What transformers 5 calls a tokenizer that `tokenizer.json` describes. Version 4 reads only the older name, 5 reads both. */
const NEWER_CLASS = "TokenizersBackend";

/** Writes the int8 twin. Returns null, or the reason there is none. */
export async function writeTwin(model: ModelProto, file: string): Promise<string | null> {
  await rm(file, { force: true });
  const twin = quantizeModel(model);
  if (!twin.graph.nodes.some(({ op }) => op === INTEGER_PRODUCT)) return "it has no product with a stored matrix";
  const bytes = writeModel(twin);
  try {
    const session = await createSession(bytes, { threads: 1 });
    await session.close();
  } catch (cause) {
    return messageOf(cause);
  }
  await writeFile(file, bytes);
  return null;
}

/** The tokenizer's config under a class that other tools know; some folders have none. */
async function tokenizerConfig(dir: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(dir, "tokenizer_config.json"), "utf8").catch((cause) => {
    if (cause.code !== "ENOENT") throw cause;
    return JSON.stringify({ tokenizer_class: NEWER_CLASS });
  });
  const config = JSON.parse(text);
  return config.tokenizer_class === NEWER_CLASS ? { ...config, tokenizer_class: "PreTrainedTokenizerFast" } : config;
}

/** Copies the tokenizer without the embedder's fixed padding or truncation. */
export async function writeTokenizer(baseDir: string, outDir: string, positions: number): Promise<void> {
  const tokenizer = JSON.parse(await readFile(join(baseDir, "tokenizer.json"), "utf8"));
  await writeFile(join(outDir, "tokenizer.json"), JSON.stringify({ ...tokenizer, truncation: null, padding: null }));
  const config = await tokenizerConfig(baseDir);
  const limited = { ...config, model_max_length: Math.min(MAX_PAIR_TOKENS, positions) };
  await writeFile(join(outDir, "tokenizer_config.json"), `${JSON.stringify(limited, null, 2)}\n`);
  for (const file of TOKENIZER_EXTRAS) {
    await copyFile(join(baseDir, file), join(outDir, file)).catch((cause) => {
      // These files only repeat tokenizer.json, and a base may lack them.
      if (cause.code !== "ENOENT") throw cause;
    });
  }
}
