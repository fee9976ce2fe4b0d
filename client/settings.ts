import type { ConnectionOptions } from "@temporalio/client";
import type { Provider, VectorServer } from "../core/base/compute.ts";
import type { PayloadKeys } from "../core/base/payloadKeys.ts";
import type { S3Settings } from "../core/storage/s3/bucketUrl.ts";

/** Where the state lies. */
export interface Places {
  /** Folder of all state: artifacts, releases, the embedded server's database. */
  home: string;
  /** Bucket that all machines share; null: artifacts stay in `home`. */
  artifacts: S3Settings | null;
}

/** Settings of the functions that compute in processes of their own. */
export interface Computing {
  threads: number | null;
  provider: Provider;
  /** Vector database that indexes are searched in; null: FAISS. */
  vectors: VectorServer | null;
  /** Environment of the embedded workers; compute processes get a small part of it. */
  env: Readonly<Record<string, string | undefined>>;
}

/** How a Temporal server is reached. */
export interface Access {
  namespace: string;
  /** Keys that payloads are encrypted with; null: Temporal stores them as they are. */
  payloadKeys: PayloadKeys | null;
  /** Address of the server that the operator named; null: the embedded one. */
  temporalAddress?: string | null;
  /** What named it, for messages: `TEMPORAL_ADDRESS` or a profile. */
  temporalOrigin?: string;
  /** TLS, API key and metadata, shown to the server at `temporalAddress` alone. */
  credentials?: Pick<ConnectionOptions, "tls" | "apiKey" | "metadata">;
}

/** Settings of finding, starting and stopping the embedded Temporal server with its workers. */
export interface StackSettings extends Required<Access>, Pick<Places, "home">, Pick<Computing, "env"> {
  /** Folder of downloads: model weights and the Temporal binary. */
  cache: string;
  /** Folders of PATH, where the `temporal` command is looked for. */
  path: readonly string[];
}

/** Everything a front door is configured with. */
export interface ClientSettings extends Places, Computing, StackSettings {
  /** The endpoint that writes answers; null: answers are quoted from the docs. */
  llm: { baseUrl: string; model: string } | null;
}
