/** Execution provider of ONNX Runtime: `cuda` needs an NVIDIA GPU; operators it lacks run on the CPU. */
export type Provider = "cpu" | "cuda";

/** A vector database that the operator configured; `kind` selects its engine. */
export interface VectorServer {
  kind: "weaviate";
  /** `http://host:port`, without a path. */
  url: string;
  /** Prefix of each collection's name; homes that share a server need different prefixes. */
  prefix: string;
  /** Copies of each collection across the server's nodes. */
  replicas: number;
  apiKey: string | null;
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
