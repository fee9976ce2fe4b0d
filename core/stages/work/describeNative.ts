import type { Compute } from "../../base/compute.ts";
import { messageOf } from "../../base/errors.ts";
import type { WorkContext } from "../../base/progress.ts";
import { Graph } from "../../onnx/graph.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";
import { add } from "../../onnx/ops.ts";
import { createSession, describeRuntime } from "../../onnx/runtime.ts";
import { loadFaiss } from "../../retrieval/engines/faiss.ts";

export interface NativeFacts {
  onnxruntime: string;
  providers: string[];
  /** Whether this processor can run int8 twins. */
  int8: boolean;
  /** Why the configured execution provider is unusable, or null. */
  providerProblem: string | null;
  faiss: boolean;
  faissProblem: string | null;
}

/** Loads every native library of this machine and reports what each supports. */
export async function describeNative(_args: Record<string, never>, { compute }: WorkContext): Promise<NativeFacts> {
  const { version, providers } = describeRuntime();
  const faiss = await loadFaiss();
  return {
    onnxruntime: version,
    providers,
    providerProblem: await providerProblem(compute),
    int8: !(await integerProductsSaturate()),
    faiss: "faiss" in faiss,
    faissProblem: "reason" in faiss ? faiss.reason : null,
  };
}

/** Computes 1 + 1 with the execution provider of the models. */
async function providerProblem({ provider }: Compute): Promise<string | null> {
  const graph = new Graph("sum");
  const x = graph.input("x", "float32", [1]);
  graph.output("y", add(graph, x, x));
  try {
    const session = await createSession(graph.toBytes(), { threads: 1, provider });
    await session.run({ x: { type: "float32", dims: [1], data: Float32Array.of(1) } });
    await session.close();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
