import { fileURLToPath } from "node:url";
import type { Provider, StateLimits, VectorServer } from "../core/base/compute.ts";
import type { TraceSettings } from "../core/base/otlp.ts";
import { COMPILED } from "../core/base/ownModules.ts";
import type { PayloadKeys } from "../core/base/payloadKeys.ts";
import type { S3Settings } from "../core/storage/s3/bucketUrl.ts";
import type { Reading } from "./schema.ts";
import { readArtifacts } from "./settings/bucket.ts";
import { PROVIDER } from "./settings/compute.ts";
import { readPayloadKeys } from "./settings/payloadKeys.ts";
import { readStateLimits } from "./settings/states.ts";
import { CACHE, HOME } from "./settings/storage.ts";
import { readTraces } from "./settings/tracing.ts";
import { readVectorServer } from "./settings/vectors.ts";

/** Settings that every Winnow process reads from its environment. */
export interface Config {
  /** Folder that holds all state: artifacts, releases, the embedded server's database. */
  home: string;
  /** Folder of downloads: model weights and the Temporal binary. */
  cache: string;
  /** Bucket that all machines share; null: artifacts stay in `home`. */
  artifacts: S3Settings | null;
  /** Vector database that indexes are built on and searched in; null: FAISS. */
  vectors: VectorServer | null;
  /** Keys that payloads are encrypted with; null: Temporal stores them as they are. */
  payloadKeys: PayloadKeys | null;
  /** Execution provider of the models. */
  provider: Provider;
  /** Limits of the passage states that a compute process keeps. */
  stateLimits: StateLimits;
  /** Destination of traces; null to send none. */
  traces: TraceSettings | null;
}

/** Folder of the clone or of the installed package, with `samples/`, `workers/` and the workflows. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

/** Lockfile of the packages, in `projectRoot`. Only npm-shrinkwrap.json may be part of a package. */
export const LOCKFILE = COMPILED ? "npm-shrinkwrap.json" : "package-lock.json";

/** Throws BadInput, which names the variable and the expected value. */
export function readConfig(reading: Reading): Config {
  return {
    home: reading.get(HOME),
    cache: reading.get(CACHE),
    artifacts: readArtifacts(reading),
    vectors: readVectorServer(reading),
    payloadKeys: readPayloadKeys(reading),
    provider: reading.get(PROVIDER),
    stateLimits: readStateLimits(reading),
    traces: readTraces(reading),
  };
}
