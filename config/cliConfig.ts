import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ConnectionOptions } from "@temporalio/client";
import type { ProcessOptions } from "../core/runtime/process.ts";
import { type Config, readConfig } from "./read.ts";
import { readingOf } from "./reading.ts";
import type { Environment } from "./schema.ts";
import { THREADS } from "./settings/compute.ts";
import { environmentOf } from "./settings/inherited.ts";
import { describedLlm } from "./settings/llm.ts";
import { temporalAccess } from "./temporalAccess.ts";

/** Everything the command line reads from its environment. */
export interface CliConfig extends Config {
  /** Address of a running Temporal server, if the operator named one. */
  temporalAddress: string | null;
  /** Source of the address: `TEMPORAL_ADDRESS` or a profile. */
  temporalOrigin: string;
  /** TLS, API key and metadata, sent only to the server at `temporalAddress`. */
  credentials: Pick<ConnectionOptions, "tls" | "apiKey" | "metadata">;
  namespace: string;
  /** Threads of native libraries; null for their own default. */
  threads: number | null;
  llm: { baseUrl: string; model: string } | null;
  path: string[];
  env: Environment;
}

/** Reads the environment of a command. Throws BadInput, which names the variable and the expected value. */
export function readCliConfig(env: Environment = process.env): CliConfig {
  const reading = readingOf(env);
  const temporal = temporalAccess(env);
  return {
    ...readConfig(reading),
    temporalAddress: temporal.address,
    temporalOrigin: temporal.origin,
    credentials: temporal.credentials,
    namespace: temporal.namespace,
    threads: reading.given(THREADS) ?? null,
    llm: describedLlm(reading),
    path: (env.PATH ?? "").split(delimiter),
    env,
  };
}

/** Options of the compute processes that commands start. */
export function computeOptions({
  threads,
  provider,
  env,
}: Pick<CliConfig, "threads" | "provider" | "env">): ProcessOptions {
  return { threads: threads ?? undefined, provider, env: environmentOf("compute", env) };
}

/** The Temporal CLI from the cache, otherwise the first on PATH; null if there is none. */
export function temporalBinary(config: Pick<CliConfig, "cache" | "path">): string | null {
  const name = process.platform === "win32" ? "temporal.exe" : "temporal";
  const places = [join(config.cache, "bin"), ...config.path].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
