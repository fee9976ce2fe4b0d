import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ConnectionOptions } from "@temporalio/client";
import type { LlmSettings } from "../core/llm/llm.ts";
import type { HubSettings } from "../core/models/hub/hub.ts";
import type { ProcessOptions } from "../core/runtime/process.ts";
import { type Config, readConfig } from "./read.ts";
import { readingOf } from "./reading.ts";
import type { Environment } from "./schema.ts";
import { THREADS } from "./settings/compute.ts";
import { TEMPORAL_UI } from "./settings/http.ts";
import { readHub } from "./settings/hub.ts";
import { environmentOf } from "./settings/inherited.ts";
import {
  describedLlm,
  LOCAL,
  type LocalLlmSettings,
  localLlmEnvironment,
  parseLocalLlm,
  readLlm,
  readLocalLlm,
} from "./settings/llm.ts";
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
  /** The endpoint for display, without any secret. */
  llm: { baseUrl: string; model: string } | null;
  /** The model that workers run themselves, or null. */
  localLlm: LocalLlmSettings | null;
  path: string[];
  env: Environment;
}

/** Reads the environment of a command. Throws BadInput, which names the variable and the expected value. */
export function readCliConfig(env: Environment = process.env): CliConfig {
  const reading = readingOf(env);
  const temporal = temporalAccess(env);
  const localLlm = readLocalLlm(reading);
  return {
    ...readConfig(reading),
    temporalAddress: temporal.address,
    temporalOrigin: temporal.origin,
    credentials: temporal.credentials,
    namespace: temporal.namespace,
    threads: reading.given(THREADS) ?? null,
    llm: describedLlm(reading),
    localLlm,
    path: (env.PATH ?? "").split(delimiter),
    // The workers run in another folder, so a relative path would lead them elsewhere.
    env: localLlm ? { ...env, [LOCAL.name]: LOCAL.kind.show(localLlm) } : env,
  };
}

/** The endpoint of this shell with its key, or null if none is named. Throws BadInput. */
export function configuredLlm({ env }: Pick<CliConfig, "env">): LlmSettings | null {
  return readLlm(readingOf(env));
}

/** The model hub of this shell, with the token for it. Throws BadInput. */
export function configuredHub({ env }: Pick<CliConfig, "env">): HubSettings {
  return readHub(readingOf(env));
}

/** Address of Temporal's Web UI, or null if none is named. Throws BadInput. */
export function configuredUi({ env }: Pick<CliConfig, "env">): string | null {
  return readingOf(env).get(TEMPORAL_UI);
}

/** The configuration with the local model that `--llm` names instead of an endpoint. Throws BadInput. */
export function withLocalLlm(config: CliConfig, option: string): CliConfig & { localLlm: LocalLlmSettings } {
  const localLlm = parseLocalLlm(option, readingOf(config.env));
  return { ...config, llm: null, localLlm, env: localLlmEnvironment(config.env, localLlm) };
}

/** Options of the compute processes that commands start. */
export function computeOptions({
  threads,
  provider,
  stateLimits,
  env,
}: Pick<CliConfig, "threads" | "provider" | "env"> & Partial<Pick<CliConfig, "stateLimits">>): ProcessOptions {
  return { threads: threads ?? undefined, provider, stateLimits, env: environmentOf("compute", env) };
}

/** The Temporal CLI from the cache, otherwise the first on PATH; null if there is none. */
export function temporalBinary(config: Pick<CliConfig, "cache" | "path">): string | null {
  const name = process.platform === "win32" ? "temporal.exe" : "temporal";
  const places = [join(config.cache, "bin"), ...config.path].map((folder) => join(folder, name));
  return places.find((place) => existsSync(place)) ?? null;
}
