import "../base/noTelemetry.ts";

import * as ort from "onnxruntime-node";
import type { Provider } from "../base/compute.ts";
import { messageOf, WinnowError } from "../base/errors.ts";

/** A tensor of the runtime: element type, sizes, row-major data. int64 data is a BigInt64Array. */
export interface Tensor {
  type: "float32" | "int64" | "int32" | "bool" | "uint8" | "int8";
  dims: readonly number[];
  data: Float32Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;
}

export interface SessionOptions {
  /** Threads within one operator; default: one per core. */
  threads?: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** Prefix of a JSON trace of operator times, written when the session closes. */
  profile?: string;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once and blocks the event loop meanwhile. Outputs named in `into` are written to that memory without
   * a copy. Throws OutOfMemory, or BadModel with the runtime's message.
   */
  run(feeds: Record<string, Tensor>, into?: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/**
 * Microseconds for which an idle thread of a session waits for work before it sleeps. Default of the runtime: a
 * millisecond, in which it burns a core that others need.
 */
const SPIN_US = 50;

/** Opens a model from its bytes or its path. Throws BadModel when the runtime refuses it. */
export async function createSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<Session> {
  const inner = await open(model, {
    executionProviders: options.provider === "cuda" ? ["cuda", "cpu"] : ["cpu"],
    graphOptimizationLevel: "all",
    interOpNumThreads: 1,
    // Memory plans are cached per shape, and the shapes of text batches hardly ever repeat.
    enableMemPattern: false,
    extra: { session: { intra_op: { spin_duration_us: `${SPIN_US}` } } },
    logSeverityLevel: 3,
    ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
    ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
  });
  return {
    inputNames: inner.inputNames,
    outputNames: inner.outputNames,
    run: (feeds, into) => run(inner, feeds, into),
    async close() {
      if (options.profile) inner.endProfiling();
      await inner.release();
    },
  };
}

async function open(model: Uint8Array | string, options: ort.InferenceSession.SessionOptions) {
  try {
    return typeof model === "string"
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  } catch (cause) {
    throw runtimeError(cause, typeof model === "string" ? `${model}: ` : "");
  }
}

async function run(inner: ort.InferenceSession, feeds: Record<string, Tensor>, into?: Record<string, Tensor>) {
  try {
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of inner.outputNames) fetches[name] = into?.[name] ? toOrt(into[name]) : null;
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
    const outputs = await inner.run(inputs, fetches);
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, fromOrt(value as ort.Tensor)]));
  } catch (cause) {
    throw runtimeError(cause, "");
  }
}

function toOrt({ type, data, dims }: Tensor): ort.Tensor {
  return new ort.Tensor(type as "float32", data as Float32Array, dims);
}

function fromOrt(tensor: ort.Tensor): Tensor {
  return { type: tensor.type as Tensor["type"], dims: tensor.dims, data: tensor.data as Float32Array };
}

function runtimeError(cause: unknown, where: string): WinnowError {
  const message = messageOf(cause);
  if (/allocate|bad_alloc|out of memory/i.test(message)) {
    return new WinnowError("OutOfMemory", `${where}memory ran out; a smaller batch needs less (${message})`, { cause });
  }
  const hint = /provider_?cuda|ExecutionProvider_Cuda/i.test(message) ? ". Unset WINNOW_PROVIDER to use the CPU" : "";
  return new WinnowError("BadModel", `${where}ONNX Runtime: ${message}${hint}`, { cause });
}

/** Version of the runtime and its execution providers on this machine. */
export function describeRuntime(): { version: string; providers: string[] } {
  return {
    version: ort.env.versions.node ?? ort.env.versions.common,
    providers: ort.listSupportedBackends().flatMap(({ name, bundled }) => (bundled ? [name] : [])),
  };
}
