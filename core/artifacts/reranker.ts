import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOKENIZER_EXTRAS } from "../models/modelFiles.ts";
import { MODEL_FILES } from "../models/onnxFiles.ts";
import { type TrainingCurve, trainingChart } from "../report/trainingCurve.ts";
import { readValue } from "./files.ts";

/** The training curve in a model folder: its data and its picture. */
export const CURVE_FILES = { data: "training.json", picture: "training.svg" };

/** Every file that a training may write into a model folder; files of other tools in it are left alone. */
export const MODEL_FOLDER_FILES = [
  "README.md",
  "config.json",
  ...Object.values(MODEL_FILES).map((file) => join("onnx", file)),
  ...Object.values(CURVE_FILES),
  "tokenizer.json",
  "tokenizer_config.json",
  ...TOKENIZER_EXTRAS,
];

/** Writes the training curve into the model's folder. */
export async function writeTrainingCurve(modelDir: string, curve: TrainingCurve): Promise<void> {
  await writeFile(join(modelDir, CURVE_FILES.data), JSON.stringify(curve));
  await writeFile(join(modelDir, CURVE_FILES.picture), trainingChart(curve));
}

/** Reads the curve of a trained model folder; null without one. Throws `CorruptArtifact` if it is not JSON. */
export async function readTrainingCurve(modelDir: string): Promise<TrainingCurve | null> {
  if (!existsSync(join(modelDir, CURVE_FILES.data))) return null;
  return readValue<TrainingCurve>(modelDir, CURVE_FILES.data);
}
