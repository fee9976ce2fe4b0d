import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../errors.ts";
import type { HostTensor } from "../models/safetensors.ts";
import { Graph } from "../onnx/graph.ts";
import { quantizeModel } from "../onnx/quantize.ts";
import type { ModelProto } from "../onnx/schema.ts";
import { type Pooling, paddedLayout } from "../onnx/tokenLayout.ts";
import { writeModel } from "../onnx/write.ts";
import { constantWeights } from "../reranker/bertWeights.ts";
import { MAX_PAIR_TOKENS, MODEL_FILES } from "../reranker/crossEncoder.ts";
import { buildCrossEncoder } from "../reranker/crossEncoderGraph.ts";
import type { BaseModel } from "./baseModel.ts";
import { modelCard } from "./modelCard.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import type { TrainingReport } from "./trainer.ts";

/**
 * Writes a folder that sentence-transformers' `CrossEncoder(..., backend="onnx")` and transformers.js load as it is:
 * config.json, tokenizer files, onnx/model.onnx with pooling and head inside, its int8 twin onnx/model_quantized.onnx,
 * and the model card. There are no safetensors: under this architecture's name, other code would pool them differently.
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
    const model = crossEncoderModel(base, weights);
    await writeFile(join(outDir, "onnx", MODEL_FILES.float32), writeModel(model));
    await writeFile(join(outDir, "onnx", MODEL_FILES.int8), writeModel(quantizeModel(model)));
    await writeFile(join(outDir, "config.json"), `${JSON.stringify(configOf(base), null, 2)}\n`);
    await writeTokenizer(baseDir, outDir);
    await writeFile(join(outDir, "README.md"), modelCard(options, settings, report));
  } catch (cause) {
    throw new WinnowError("StorageFailed", `the model cannot be written to ${outDir}: ${messageOf(cause)}`, { cause });
  }
}

function crossEncoderModel(base: BaseModel, weights: Map<string, HostTensor>): ModelProto {
  const graph = new Graph("cross-encoder");
  const layout = paddedLayout(graph, base.pooling);
  graph.output("logits", buildCrossEncoder(graph, constantWeights(graph, weights), base.config, layout));
  return graph.toModel();
}

function configOf(base: BaseModel): Record<string, unknown> {
  const { _name_or_path, architectures: _, sentence_transformers: __, ...raw } = base.config.raw;
  return {
    ...raw,
    architectures: ["BertForSequenceClassification"],
    id2label: { 0: "LABEL_0" },
    label2id: { LABEL_0: 0 },
    num_labels: 1,
    sentence_transformers: { activation_fn: "torch.nn.modules.linear.Identity" },
    winnow: { pooling: base.pooling satisfies Pooling, base: base.name },
  };
}

/** Copies the tokenizer without any padding or truncation the embedder had fixed in it. */
async function writeTokenizer(baseDir: string, outDir: string): Promise<void> {
  const tokenizer = JSON.parse(await readFile(join(baseDir, "tokenizer.json"), "utf8"));
  await writeFile(join(outDir, "tokenizer.json"), JSON.stringify({ ...tokenizer, truncation: null, padding: null }));
  const config = JSON.parse(await readFile(join(baseDir, "tokenizer_config.json"), "utf8"));
  const limited = { ...config, model_max_length: MAX_PAIR_TOKENS };
  await writeFile(join(outDir, "tokenizer_config.json"), `${JSON.stringify(limited, null, 2)}\n`);
  for (const file of ["special_tokens_map.json", "vocab.txt"]) {
    await copyFile(join(baseDir, file), join(outDir, file)).catch((cause) => {
      // Both only repeat what tokenizer.json says; a base may come without them.
      if (cause.code !== "ENOENT") throw cause;
    });
  }
}
