import type { Precision } from "../../contracts/evaluation.ts";
import { storedTensor } from "./protoParts.ts";
import { INTEGER_PRODUCT } from "./quantize.ts";
import { createSession } from "./runtime.ts";
import { ELEMENT_CODES, type ModelProto } from "./schema.ts";
import { writeModel } from "./write.ts";

/** Large enough that the processor's main kernel runs, not one for remainders. */
const [ROWS, INNER, COLUMNS] = [4, 64, 32];
const LARGEST_ACTIVATION = 255;
const LARGEST_WEIGHT = 127;

let saturation: Promise<boolean> | null = null;

/**
 * Whether integer products saturate silently on this processor. x64 without VNNI adds pairs of unsigned-by-signed byte
 * products in 16 bits and clips the sums (`vpmaddubsw`;
 * https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). Measured once per process, with the
 * largest possible product. Twins of all-MiniLM-L6-v2 are then wrong by half of their logits' spread, and hardly
 * faster.
 */
export function integerProductsSaturate(): Promise<boolean> {
  saturation ??= measure();
  return saturation;
}

/**
 * The precision in which a model requested in `precision` runs here: float32 replaces int8 if integer products
 * saturate.
 */
export async function usablePrecision(precision: Precision): Promise<Precision> {
  return precision === "int8" && (await integerProductsSaturate()) ? "float32" : precision;
}

async function measure(): Promise<boolean> {
  const session = await createSession(writeModel(largestProduct()), { threads: 1 });
  try {
    const data = new Uint8Array(ROWS * INNER).fill(LARGEST_ACTIVATION);
    const { y } = await session.run({ x: { type: "uint8", dims: [ROWS, INNER], data } });
    return (y!.data as Float32Array).some((sum) => sum !== INNER * LARGEST_ACTIVATION * LARGEST_WEIGHT);
  } finally {
    await session.close();
  }
}

function largestProduct(): ModelProto {
  const weights = new Int8Array(INNER * COLUMNS).fill(LARGEST_WEIGHT);
  const inputs = ["x", "w", "one", "one", "zero"];
  const node = {
    name: "product",
    op: INTEGER_PRODUCT,
    domain: "com.microsoft",
    inputs,
    outputs: ["y"],
    attributes: [],
  };
  return {
    irVersion: 8,
    producer: "winnow",
    opsets: [
      { domain: "", version: 17 },
      { domain: "com.microsoft", version: 1 },
    ],
    graph: {
      name: "the largest integer product",
      nodes: [node],
      initializers: [
        storedTensor("w", { type: "int8", dims: [INNER, COLUMNS], data: weights }),
        storedTensor("one", { type: "float32", dims: [], data: Float32Array.of(1) }),
        storedTensor("zero", { type: "uint8", dims: [], data: Uint8Array.of(0) }),
      ],
      inputs: [{ name: "x", elementCode: ELEMENT_CODES.uint8, dims: [ROWS, INNER] }],
      outputs: [{ name: "y", elementCode: ELEMENT_CODES.float32, dims: [ROWS, COLUMNS] }],
    },
  };
}
