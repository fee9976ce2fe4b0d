import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeTrainingCurve } from "../../artifacts/reranker.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import { writeTokenizer, writeTwin } from "../../models/modelFiles.ts";
import { MODEL_FILES } from "../../models/onnxFiles.ts";
import type { HostTensor } from "../../models/safetensors.ts";
import { writeModel } from "../../onnx/write.ts";
import { licenceOf } from "./licence.ts";
import { modelCard } from "./modelCard.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import { dataRemarks } from "./teachable.ts";
import type { TrainingReport } from "./trainingReport.ts";
import { checkTwin, type TwinVerdict } from "./twinCheck.ts";

/**
 * Writes a folder that sentence-transformers' `CrossEncoder(..., backend="onnx")` and transformers.js load unchanged.
 * It holds config.json, tokenizer files, onnx/model.onnx with pooling and head inside and its int8 twin
 * onnx/model_quantized.onnx. The training curve and the model card are beside them. A base that is an ONNX export keeps
 * its graph and gets the new weights. There are no safetensors: other code would pool them differently under this
 * architecture's name.
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
    await writeTrainingCurve(outDir, { losses, validation, data: data || undefined });
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

/** Checks the twin just written and removes it if it fails. */
async function judgedTwin(options: TrainingOptions, settings: TrainingSettings): Promise<TwinVerdict> {
  const verdict = await checkTwin(options.outDir, options, settings);
  if (!verdict.stays) await rm(join(options.outDir, "onnx", MODEL_FILES.int8));
  return verdict;
}
