import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LlmSettings } from "../core/answering/llm.ts";
import { WinnowError } from "../core/errors.ts";

/** Everything a worker takes from its environment. Read once, here; the rest of the program takes options. */
export interface WorkerConfig {
  /** Folder of the clone: `samples/` and the workflows lie below it, and relative paths of inputs mean it. */
  root: string;
  /** Folder that holds all state. */
  home: string;
  /** Folder of downloads: model weights. */
  cache: string;
  temporal: { address: string; namespace: string };
  /** The operator's endpoint; null answers by quotation. */
  llm: LlmSettings | null;
  /** Threads of native libraries; default: as many as they choose. */
  threads: number | undefined;
  logLevel: string;
  /** `name:action[,name:action]`: where this process is to fail, for tests. Inert unless set. */
  failpoint: string | null;
  /** What compute processes inherit: where programs and libraries lie, and nothing secret. */
  computeEnv: Record<string, string>;
}

const INHERITED = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LANG",
  "LD_LIBRARY_PATH",
  "CUDA_VISIBLE_DEVICES",
  "SystemRoot",
];

/**
 * Reads the environment: WINNOW_HOME, WINNOW_CACHE, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, WINNOW_LLM_BASE_URL,
 * WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY, WINNOW_THREADS, WINNOW_LOG_LEVEL, WINNOW_FAILPOINT. A key meant for another
 * service (OPENAI_API_KEY) is not picked up: it could go to an address it was not made for. Throws BadInput.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const data = env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return {
    root: fileURLToPath(new URL("..", import.meta.url)),
    home: resolve(env.WINNOW_HOME || join(data, "winnow")),
    cache: resolve(env.WINNOW_CACHE || join(cache, "winnow")),
    temporal: {
      address: env.TEMPORAL_ADDRESS || "127.0.0.1:7233",
      namespace: env.TEMPORAL_NAMESPACE || "default",
    },
    llm: readLlm(env),
    threads: readThreads(env.WINNOW_THREADS),
    logLevel: env.WINNOW_LOG_LEVEL || "info",
    failpoint: env.WINNOW_FAILPOINT || null,
    computeEnv: Object.fromEntries(INHERITED.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
}

function readLlm(env: NodeJS.ProcessEnv): LlmSettings | null {
  const { WINNOW_LLM_BASE_URL: baseUrl, WINNOW_LLM_MODEL: model, WINNOW_LLM_API_KEY: apiKey } = env;
  if (!baseUrl && !model) return null;
  if (baseUrl && model) return { baseUrl, model, apiKey: apiKey || undefined };
  const absent = baseUrl ? "WINNOW_LLM_MODEL" : "WINNOW_LLM_BASE_URL";
  throw new WinnowError("BadInput", `${absent} is not set: an LLM needs both WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL`);
}

function readThreads(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const threads = Number(text);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw new WinnowError("BadInput", `WINNOW_THREADS is ${JSON.stringify(text)}: give a whole number of threads`);
}
