import { describeRuntime } from "../onnx/runtime.ts";
import { loadFaiss } from "../retrieval/faiss.ts";
import type { TaskContext } from "./task.ts";

export interface NativeFacts {
  onnxruntime: string;
  providers: string[];
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
    faiss: "faiss" in faiss,
    faissProblem: "reason" in faiss ? faiss.reason : null,
  };
}
