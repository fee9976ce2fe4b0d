import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../errors.ts";
import { CURVE_FILES, type TrainingCurve, trainingChart } from "../evaluation/trainingCurve.ts";
import type { HostTensor } from "../models/safetensors.ts";
import { INTEGER_PRODUCT, quantizeModel } from "../onnx/quantize.ts";
import { createSession } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import { writeModel } from "../onnx/write.ts";
import { MAX_PAIR_TOKENS, MODEL_FILES } from "../reranker/crossEncoder.ts";
import type { BaseModel } from "./baseModel.ts";
import { licenceOf } from "./licence.ts";
import { modelCard } from "./modelCard.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import { dataRemarks } from "./teachable.ts";
import type { TrainingReport } from "./trainer.ts";
import { checkTwin, type TwinVerdict } from "./twinCheck.ts";

const TOKENIZER_EXTRAS = [
  "special_tokens_map.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
  "sentencepiece.bpe.model",
];

/** All that an export may write; what another tool's folder holds beside it is left alone. */
export const MODEL_FOLDER_FILES = [
  "README.md",
  "config.json",
  ...Object.values(MODEL_FILES).map((file) => join("onnx", file)),
  ...Object.values(CURVE_FILES),
  "tokenizer.json",
  "tokenizer_config.json",
  ...TOKENIZER_EXTRAS,
];

/**
 * Writes a folder that sentence-transformers' `CrossEncoder(..., backend="onnx")` and transformers.js load as it is:
 * config.json, tokenizer files, onnx/model.onnx with pooling and head inside, its int8 twin onnx/model_quantized.onnx,
 * the training's curve, and the model card. A base that is an export keeps its graph, with the new weights in it. There are no safetensors: under
 * this architecture's name, other code would pool them differently.
 */
export async function exportCrossEncoder(
  options: TrainingOptions,
  base: BaseModel,
  weights: Map<string, HostTensor>,
  settings: TrainingSettings,
  report: TrainingReport,
): Promise<void> {
  const { baseDir, outDir } = options;
  try {
    await mkdir(join(outDir, "onnx"), { recursive: true });
    const model = base.network.toModel(weights);
    await writeFile(join(outDir, "onnx", MODEL_FILES.float32), writeModel(model));
    const noTwin = await writeTwin(model, join(outDir, "onnx", MODEL_FILES.int8));
    const config = base.network.config(base.name);
    if (config) await writeFile(join(outDir, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
    const { losses, validation } = report;
    const data = [options.dataDescription, dataRemarks(report)].filter(Boolean).join("; ");
    const curve: TrainingCurve = { losses, validation, data: data || undefined };
    await writeFile(join(outDir, CURVE_FILES.data), JSON.stringify(curve));
    await writeFile(join(outDir, CURVE_FILES.picture), trainingChart({ losses, validation }));
    await writeTokenizer(baseDir, outDir, base.network.positions);
    const twin = noTwin === null ? await judgedTwin(options, settings) : { stays: false, detail: noTwin };
    await writeFile(
      join(outDir, "README.md"),
      modelCard(options, settings, report, {
        twin,
        hasConfig: config !== null,
        freshHead: !base.hasHead,
        licence: await licenceOf(baseDir),
      }),
    );
  } catch (cause) {
    if (cause instanceof WinnowError) throw cause;
    throw new WinnowError("StorageFailed", `the model cannot be written to ${outDir}: ${messageOf(cause)}`, { cause });
  }
}

/** The verdict on the twin just written, which is removed where it does not hold. */
async function judgedTwin(options: TrainingOptions, settings: TrainingSettings): Promise<TwinVerdict> {
  const verdict = await checkTwin(options.outDir, options, settings);
  if (!verdict.stays) await rm(join(options.outDir, "onnx", MODEL_FILES.int8));
  return verdict;
}

/** Writes the int8 twin. Gives null, or why there is none. */
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

/** Copies the tokenizer without any padding or truncation the embedder had fixed in it. */
export async function writeTokenizer(baseDir: string, outDir: string, positions: number): Promise<void> {
  const tokenizer = JSON.parse(await readFile(join(baseDir, "tokenizer.json"), "utf8"));
  await writeFile(join(outDir, "tokenizer.json"), JSON.stringify({ ...tokenizer, truncation: null, padding: null }));
  const config = JSON.parse(await readFile(join(baseDir, "tokenizer_config.json"), "utf8"));
  const limited = { ...config, model_max_length: Math.min(MAX_PAIR_TOKENS, positions) };
  await writeFile(join(outDir, "tokenizer_config.json"), `${JSON.stringify(limited, null, 2)}\n`);
  for (const file of TOKENIZER_EXTRAS) {
    await copyFile(join(baseDir, file), join(outDir, file)).catch((cause) => {
      // They only repeat what tokenizer.json says; a base may come without them.
      if (cause.code !== "ENOENT") throw cause;
    });
  }
}
