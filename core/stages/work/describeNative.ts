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
  /** Whether int8 twins may compute on this processor. */
  int8: boolean;
  /** Why the provider that this process was told to use cannot compute; null: it can. */
  providerProblem: string | null;
  faiss: boolean;
  faissProblem: string | null;
}

/** Loads every native library of this machine and says what each can do. */
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

/** Computes 1 + 1 with what models are computed with. */
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
