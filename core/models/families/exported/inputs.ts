import { WinnowError } from "../../../base/errors.ts";
import type { ModelProto } from "../../../onnx/schema.ts";

const INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/** The inputs that an exported model must be fed. Throws BadModel for one that is unknown or missing. */
export function inputNames({ graph }: ModelProto, source: string): string[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.map(({ name }) => name).filter((name) => !stored.has(name));
  const unknown = inputs.find((name) => !INPUTS.includes(name));
  if (unknown) throw new WinnowError("BadModel", `${source}: unsupported input ${unknown}`);
  if (inputs.includes("input_ids") && inputs.includes("attention_mask")) return inputs;
  throw new WinnowError(
    "BadModel",
    `${source}: expected inputs input_ids and attention_mask, got ${inputs.join(", ")}`,
  );
}
