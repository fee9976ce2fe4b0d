import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readModel } from "../../../onnx/read.ts";
import { writeModel } from "../../../onnx/write.ts";
import { modelFile } from "../../onnxFiles.ts";
import { readSafetensors, writeSafetensors } from "../../safetensors.ts";
import { lookAt } from "../modelFolder.ts";

/** Copies a model folder. A seed other than 1 gives its largest tensor other values. */
export async function copyModel(from: string, to: string, seed = 1): Promise<void> {
  await cp(from, to, { recursive: true });
  if (seed === 1) return;
  const { hasSafetensors } = await lookAt(to);
  await (hasSafetensors ? changeSafetensors(join(to, "model.safetensors"), seed) : changeExport(modelFile(to), seed));
}

async function changeSafetensors(file: string, seed: number): Promise<void> {
  const tensors = await readSafetensors(file);
  const [largest] = [...tensors.values()].sort((a, b) => b.data.length - a.data.length);
  largest!.data.forEach((x, i, data) => {
    data[i] = x + seed * Math.sin(i);
  });
  await writeSafetensors(file, tensors);
}

async function changeExport(file: string, seed: number): Promise<void> {
  const model = readModel(await readFile(file), file);
  const [largest] = [...model.graph.initializers].sort((a, b) => b.raw.length - a.raw.length);
  const values = new Float32Array(Uint8Array.prototype.slice.call(largest!.raw).buffer);
  largest!.raw = new Uint8Array(values.map((x, i) => x + seed * Math.sin(i)).buffer);
  await writeFile(file, writeModel(model));
}
