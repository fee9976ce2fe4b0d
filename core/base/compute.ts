/** Execution provider of ONNX Runtime: `cuda` needs an NVIDIA GPU; operators it lacks run on the CPU. */
export type Provider = "cpu" | "cuda";

/** A vector database that the operator configured; `kind` selects the engine that speaks its protocol. */
export interface VectorServer {
  kind: "weaviate";
  /** `http://host:port`, without a path. */
  url: string;
  /** Begins the name of each collection; homes that share a server need one each. */
  prefix: string;
  /** Copies of each collection among the server's nodes. */
  replicas: number;
  apiKey: string | null;
}

/** What a piece of work computes with. Handed in, so that no module keeps it as state. */
export interface Compute {
  /** Threads of native libraries; default: as many as they choose. */
  threads?: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** Where indexes are built and searched; default: FAISS. */
  vectors?: VectorServer | null;
}
