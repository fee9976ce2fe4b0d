import { integerProductsSaturate } from "../onnx/integerProducts.ts";
import { describeRuntime } from "../onnx/runtime.ts";
import { loadFaiss } from "../retrieval/faiss.ts";
import type { TaskContext } from "./task.ts";

export interface NativeFacts {
  onnxruntime: string;
  providers: string[];
  /** Whether int8 twins may compute on this processor. */
  int8: boolean;
  faiss: boolean;
  faissProblem: string | null;
}

/** Loads every native library of this machine and says what each can do. */
export async function describeNative(_args: Record<string, never>, _ctx: TaskContext): Promise<NativeFacts> {
  const { version, providers } = describeRuntime();
  const faiss = await loadFaiss();
  return {
    onnxruntime: version,
    providers,
    int8: !(await integerProductsSaturate()),
    faiss: "faiss" in faiss,
    faissProblem: "reason" in faiss ? faiss.reason : null,
  };
}
