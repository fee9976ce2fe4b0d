import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";

/** Files in a model folder's `onnx`, named as transformers.js loads them: dtype fp32 and dtype q8. */
export const MODEL_FILES: Record<Precision, string> = { float32: "model.onnx", int8: "model_quantized.onnx" };

/**
 * Path of a model's file: in the folder's `onnx`, as on model hubs, or beside the other files, as exporters write it.
 */
export function modelFile(modelDir: string, precision: Precision = "float32"): string {
  const usual = join(modelDir, "onnx", MODEL_FILES[precision]);
  const plain = join(modelDir, MODEL_FILES[precision]);
  return !existsSync(usual) && existsSync(plain) ? plain : usual;
}

/** True if a model folder has an int8 twin. */
export function hasTwin(modelDir: string): boolean {
  return existsSync(modelFile(modelDir, "int8"));
}
