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

/** Everything the command line takes from its environment. */
export interface CliConfig extends Config {
  /** Address of a running Temporal server, where the operator named one. */
  temporalAddress: string | null;
  /** What named it: `TEMPORAL_ADDRESS` or a profile. */
  temporalOrigin: string;
  /** TLS, API key and metadata that the server at `temporalAddress`, and no other, is shown. */
  credentials: Pick<ConnectionOptions, "tls" | "apiKey" | "metadata">;
  namespace: string;
  /** Threads of native libraries; null: as many as they choose. */
  threads: number | null;
  llm: { baseUrl: string; model: string } | null;
  path: string[];
  env: Environment;
}

/** Reads the environment of a command. Throws BadInput that names a variable and says what to give. */
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

/** How the commands that compute themselves start their compute processes. */
export function computeOptions({
  threads,
  provider,
  env,
}: Pick<CliConfig, "threads" | "provider" | "env">): ProcessOptions {
  return { threads: threads ?? undefined, provider, env: environmentOf("compute", env) };
}

/** The Temporal CLI: the one set-up cached, else the first on PATH; null where there is none. */
export function temporalBinary(config: Pick<CliConfig, "cache" | "path">): string | null {
  const name = process.platform === "win32" ? "temporal.exe" : "temporal";
  const places = [join(config.cache, "bin"), ...config.path].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
