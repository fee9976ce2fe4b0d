import type { Pooling } from "../tokenLayout.ts";
import type { Prefixes } from "./description.ts";

/** What the files of a known model leave out. */
export interface Preset {
  /** Its name on the hub. */
  name: string;
  kind: "embedder" | "reranker";
  pooling?: Pooling;
  /** Many embedders need prefixes that only their model card states. */
  prefixes?: Prefixes;
  maxTokens?: number;
  licence?: string;
  /** True if Winnow's own results with it are recorded in docs/results.md or research/notebook. */
  measured: boolean;
}

const NO_PREFIXES = { question: "", passage: "" };
const SEARCH = { question: "Represent this sentence for searching relevant passages: ", passage: "" };
const APACHE = "apache-2.0";

function embedder(
  name: string,
  pooling: Pooling,
  maxTokens: number,
  prefixes: Prefixes,
  licence: string,
  measured = false,
): Preset {
  return { name, kind: "embedder", pooling, maxTokens, prefixes, licence, measured };
}

function reranker(name: string, licence: string): Preset {
  return { name, kind: "reranker", licence, measured: false };
}

/**
 * Facts of the models' cards. A preset never overrides a file.
 * Values that a folder's own files always state, such as its width, are left to them.
 */
export const PRESETS: readonly Preset[] = [
  embedder("sentence-transformers/all-MiniLM-L6-v2", "mean", 256, NO_PREFIXES, APACHE, true),
  embedder("Snowflake/snowflake-arctic-embed-xs", "cls", 512, SEARCH, APACHE),
  embedder("Snowflake/snowflake-arctic-embed-s", "cls", 512, SEARCH, APACHE),
  embedder("Snowflake/snowflake-arctic-embed-m-v1.5", "cls", 512, SEARCH, APACHE),
  embedder("BAAI/bge-small-en-v1.5", "cls", 512, SEARCH, "mit", true),
  embedder("BAAI/bge-base-en-v1.5", "cls", 512, SEARCH, "mit"),
  embedder("intfloat/e5-small-v2", "mean", 512, { question: "query: ", passage: "passage: " }, "mit", true),
  embedder("ibm-granite/granite-embedding-small-english-r2", "cls", 8192, NO_PREFIXES, APACHE),
  embedder("Alibaba-NLP/gte-modernbert-base", "cls", 8192, NO_PREFIXES, APACHE),
  {
    name: "sentence-transformers/static-retrieval-mrl-en-v1",
    kind: "embedder",
    prefixes: NO_PREFIXES,
    licence: APACHE,
    measured: false,
  },
  reranker("cross-encoder/ettin-reranker-17m-v1", APACHE),
  reranker("cross-encoder/ettin-reranker-32m-v1", APACHE),
  reranker("cross-encoder/ettin-reranker-68m-v1", APACHE),
  reranker("cross-encoder/ettin-reranker-150m-v1", APACHE),
  reranker("cross-encoder/ms-marco-MiniLM-L4-v2", APACHE),
  reranker("cross-encoder/ms-marco-MiniLM-L6-v2", APACHE),
  reranker("cross-encoder/ms-marco-MiniLM-L12-v2", APACHE),
  reranker("BAAI/bge-reranker-base", "mit"),
  reranker("Alibaba-NLP/gte-reranker-modernbert-base", APACHE),
  reranker("ibm-granite/granite-embedding-reranker-english-r2", APACHE),
];

/**
 * The preset of a model: by the name given when it was installed, else by the `_name_or_path` that its `config.json`
 * states. Hub names differ in case only by mistake, so case is ignored. The folder's own name does not count, because it
 * is another on every machine.
 */
export function presetFor(names: readonly unknown[]): Preset | null {
  for (const name of names) {
    if (typeof name !== "string") continue;
    const wanted = name.toLowerCase();
    const preset = PRESETS.find((each) => each.name.toLowerCase() === wanted);
    if (preset) return preset;
  }
  return null;
}
