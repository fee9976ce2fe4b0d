import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConnectionOptions } from "@temporalio/client";
import { type ClientConnectConfig, loadClientConnectConfig } from "@temporalio/envconfig";
import { computeEnvironment, providerOf } from "../config/compute.ts";
import { temporalAccess } from "../config/temporalAccess.ts";
import { traceSettings } from "../config/traces.ts";
import { vectorServerSettings } from "../config/vectorServer.ts";
import type { Provider, VectorServer } from "../core/base/compute.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { TraceSettings } from "../core/base/otlp.ts";
import { type PayloadKeys, payloadKeys } from "../core/base/payloadKeys.ts";
import type { ProcessOptions } from "../core/runtime/process.ts";
import type { S3Settings } from "../core/storage/s3/bucketUrl.ts";
import { s3Settings } from "../core/storage/s3/bucketUrl.ts";

/** Everything the command line takes from its environment. Read once, here. */
export interface CliConfig {
  /** Folder that holds all state: artifacts, releases, the embedded server's database. */
  home: string;
  /** Bucket that all machines share; null: artifacts stay in `home`. */
  artifacts: S3Settings | null;
  /** Vector database that indexes are searched in; null: FAISS. */
  vectors: VectorServer | null;
  /** Folder of downloads: model weights and the Temporal binary. */
  cache: string;
  /** Address of a running Temporal server, where the operator named one. */
  temporalAddress: string | null;
  /** What named it: `TEMPORAL_ADDRESS` or a profile. */
  temporalOrigin: string;
  /** TLS, API key and metadata that the server at `temporalAddress`, and no other, is shown. */
  credentials: Pick<ConnectionOptions, "tls" | "apiKey" | "metadata">;
  namespace: string;
  /** Keys that payloads are encrypted with; null: Temporal stores them as they are. */
  payloadKeys: PayloadKeys | null;
  threads: number | null;
  /** What models are computed with by commands that compute themselves. */
  provider: Provider;
  llm: { baseUrl: string; model: string } | null;
  /** Where traces go; null: nowhere. */
  traces: TraceSettings | null;
  path: string[];
  env: NodeJS.ProcessEnv;
}

/** Folder of the clone: where `samples/` and `workers/` lie. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

/** Reads the environment. Pure but for its argument, so that tests can give their own. Throws BadInput. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  const data = env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const baseUrl = env.WINNOW_LLM_BASE_URL;
  const model = env.WINNOW_LLM_MODEL;
  const temporal = temporalAccess<ClientConnectConfig["connectionOptions"]>(env, loadClientConnectConfig);
  return {
    home: resolve(env.WINNOW_HOME || join(data, "winnow")),
    artifacts: s3Settings(env),
    vectors: vectorServerSettings(env),
    cache: resolve(env.WINNOW_CACHE || join(cache, "winnow")),
    temporalAddress: temporal.address,
    temporalOrigin: temporal.origin,
    credentials: temporal.credentials,
    namespace: temporal.namespace,
    payloadKeys: payloadKeys(env),
    threads: readThreads(env.WINNOW_THREADS),
    provider: providerOf(env),
    llm: baseUrl && model ? { baseUrl, model } : null,
    traces: traceSettings(env),
    path: (env.PATH ?? "").split(delimiter),
    env,
  };
}

/** How the commands that compute themselves start their compute processes. */
export function computeOptions({ threads, provider, env }: CliConfig): ProcessOptions {
  return { threads: threads ?? undefined, provider, env: computeEnvironment(env) };
}

function readThreads(text: string | undefined): number | null {
  if (!text) return null;
  const threads = Number(text);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw new WinnowError("BadInput", `WINNOW_THREADS is ${JSON.stringify(text)}: give a whole number above 0`);
}

/** The Temporal CLI: the one set-up cached, else the first on PATH; null where there is none. */
export function temporalBinary(config: CliConfig): string | null {
  const name = process.platform === "win32" ? "temporal.exe" : "temporal";
  const places = [join(config.cache, "bin"), ...config.path].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
