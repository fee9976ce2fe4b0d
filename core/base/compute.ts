/** Execution provider of ONNX Runtime: `cuda` needs an NVIDIA GPU; operators it lacks run on the CPU. */
export type Provider = "cpu" | "cuda";

/** A vector database that the operator configured; `kind` selects its engine. */
export interface VectorServer {
  kind: "weaviate";
  /** `http://host:port`, without a path. */
  url: string;
  /** Prefix of each collection's name; homes that share a server need different prefixes. */
  prefix: string;
  /** Copies of each collection across the server's nodes, or across the servers of `corpus`. */
  replicas: number;
  apiKey: string | null;
  /** Set if the servers hold passages and BM25 too; `url` is then the first of them. */
  corpus?: {
    /** Servers that form no cluster, each `http://host:port`. Winnow places shards and replicas on them. */
    urls: string[];
    /** Parts that each corpus is divided into. */
    shards: number;
  };
}

/** The setting that named a server, for messages. */
export function settingOf({ corpus }: Pick<VectorServer, "corpus">): "WINNOW_SEARCH" | "WINNOW_VECTORS" {
  return corpus ? "WINNOW_SEARCH" : "WINNOW_VECTORS";
}

/** Limits of the passage states that a compute process keeps for late joint reranking. */
export interface StateLimits {
  /** Bytes in the memory of one process. */
  memoryBytes: number;
  /** Folder and bytes of the files that all processes share; null: memory alone. */
  disk: { folder: string; bytes: number } | null;
}

/** How work is computed. Passed as an argument, so that no module keeps it as state. */
export interface Compute {
  /** Threads of native libraries; default: the library's own choice. */
  threads?: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** The vector database that holds the indexes; default: FAISS. */
  vectors?: VectorServer | null;
  /** Default: no states are kept. */
  stateLimits?: StateLimits;
}
