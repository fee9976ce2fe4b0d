/**
 * Serves embedding requests in a separate process, with Winnow's embedder or with transformers.js:
 *   node --import tsx vectors.ts winnow|winnow-int8|transformers.js MODEL_DIR THREADS
 * A request is `{texts, tell}`, its reply `{seconds, megabytes, vectors}`; vectors are included only if `tell` is true.
 */
import { createInterface } from "node:readline";
import { env, pipeline } from "@xenova/transformers";
import type { Precision } from "../../contracts/evaluation.ts";
import { openEmbedder } from "../../core/models/families/index.ts";

const BATCH = 32;
const [program, modelDir, count] = process.argv.slice(2) as [string, string, string];
const threads = Number(count);
const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const rowsOf = (vectors: Float32Array, rows: number) =>
  Array.from({ length: rows }, (_, row) =>
    Array.from(vectors.subarray((row * vectors.length) / rows, ((row + 1) * vectors.length) / rows)),
  );

type Embed = (texts: string[]) => Promise<Float32Array>;

async function ofWinnow(precision: Precision): Promise<Embed> {
  const embedder = await openEmbedder(modelDir, { threads, precision });
  return (texts) => embedder.embed({ passages: texts });
}

/** Batches in the given order, as its users call it: it does not sort by length. */
async function ofTransformersJs(): Promise<Embed> {
  env.allowRemoteModels = false;
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const options = { local_files_only: true, dtype: "fp32", session_options } as const;
  const extract = await pipeline("feature-extraction", modelDir, options);
  return async (texts) => {
    const parts: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      const output = await extract(texts.slice(start, start + BATCH), { pooling: "mean", normalize: true });
      parts.push(output.data as Float32Array);
    }
    return Float32Array.from(parts.flatMap((part) => Array.from(part)));
  };
}

const embed = await (program === "transformers.js"
  ? ofTransformersJs()
  : ofWinnow(program === "winnow-int8" ? "int8" : "float32"));
answer({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { texts, tell } = JSON.parse(line) as { texts: string[]; tell: boolean };
  const began = performance.now();
  const vectors = await embed(texts);
  const seconds = (performance.now() - began) / 1000;
  const megabytes = process.resourceUsage().maxRSS / 1024;
  answer({ seconds, megabytes, vectors: tell ? rowsOf(vectors, texts.length) : null });
}
