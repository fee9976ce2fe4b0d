import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { computeOptions, temporalBinary } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { messageOf } from "../core/base/errors.ts";
import { COMPILED, SET_UP } from "../core/base/ownModules.ts";
import { openInstalledModels } from "../core/models/installed.ts";
import { modelInWords } from "../core/storage/modelsInWords.ts";
import { type Check, checkMachine } from "../core/upkeep/doctor.ts";
import { type LlmState, llmState } from "./llm.ts";
import { offerOf } from "./ollama.ts";
import type { ClientSettings } from "./settings.ts";
import { findStack } from "./stack.ts";
import { storageOf } from "./storageOf.ts";
import { connectClient } from "./temporal.ts";

export interface Diagnosis {
  /** False when something is missing. */
  healthy: boolean;
  checks: Check[];
}

/**
 * Checks the machine, the installation and the configured servers: which variant of each part runs, and why. Each failed
 * check says how to fix it.
 *
 * @example
 * const { healthy, checks } = await diagnose(config);
 * const fixes = checks.flatMap(({ name, fix }) => (fix ? [`${name}: ${fix}`] : []));
 */
export async function diagnose(config: ClientSettings): Promise<Diagnosis> {
  const checks = [
    packages(),
    ...(await checkMachine({ ...config, compute: computeOptions(config) })),
    await installedModels(config),
    gpu(config),
    temporalCli(config),
    ...(await serverAndLlm(config)),
  ];
  return { healthy: checks.every((check) => check.status !== "missing"), checks };
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

/** Set-up records the digest of the lockfile that it installed. */
function packages(): Check {
  const name = "npm packages";
  if (COMPILED) return ok(name, "installed with Winnow");
  const lock = createHash("sha256")
    .update(readFileSync(join(projectRoot, "package-lock.json")))
    .digest("hex");
  const stamp = join(projectRoot, "node_modules", ".winnow-stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return ok(name, "as in package-lock.json");
  return { name, status: "degraded", detail: "package-lock.json changed since set-up", fix: SET_UP };
}

/** The models that runs can name, besides those of the cache. */
async function installedModels(config: ClientSettings): Promise<Check> {
  const name = "installed models";
  try {
    const models = await openInstalledModels((await storageOf(config)).records).list();
    if (models.length === 0) return ok(name, "none; `npx winnow models add NAME` installs one");
    const each = models.map(({ name, kind, artifact }) => `${kind} ${modelInWords({ name, digest: artifact.sha256 })}`);
    return ok(name, each.join(", "));
  } catch (error) {
    return { name, status: "degraded", detail: messageOf(error), fix: "npx winnow models list" };
  }
}

function gpu(config: ClientSettings): Check {
  const found = config.path.some((folder) => existsSync(join(folder, "nvidia-smi")));
  if (config.provider === "cuda") {
    if (found) return ok("GPU", "an NVIDIA GPU driver is here; models are computed on it (WINNOW_PROVIDER=cuda)");
    const detail = "no NVIDIA GPU driver is here, but WINNOW_PROVIDER is cuda";
    return { name: "GPU", status: "missing", detail, fix: "unset WINNOW_PROVIDER" };
  }
  const idle = "an NVIDIA GPU driver is here; models are computed on the CPU unless WINNOW_PROVIDER is cuda";
  return ok("GPU", found ? idle : "none: everything runs on the CPU");
}

function temporalCli(config: ClientSettings): Check {
  const name = "Temporal CLI";
  const binary = temporalBinary(config);
  if (!binary) {
    const status = config.temporalAddress ? "degraded" : "missing";
    return { name, status, detail: "not in the cache, not on PATH", fix: SET_UP };
  }
  const origin = binary.startsWith(config.cache) ? "from set-up" : "on PATH";
  try {
    const version = execFileSync(binary, ["--version"], { encoding: "utf8", timeout: 10_000 }).trim();
    return ok(name, `${binary} (${origin}), ${version.replace(/^temporal version /, "")}`);
  } catch {
    return { name, status: "missing", detail: `${binary} does not run`, fix: `remove it, then ${SET_UP}` };
  }
}

/** The server, and the LLM of the workers that poll it. */
async function serverAndLlm(config: ClientSettings): Promise<Check[]> {
  const name = "Temporal server";
  const stack = config.temporalAddress ? null : await findStack(config);
  const address = config.temporalAddress ?? stack?.address;
  const withoutServer = async (server: Check) => [server, llm(await llmState(null, config), config)];
  if (!address) return withoutServer(ok(name, "not running; commands that need one start it for as long as they run"));
  const found = await lookAt(address, config).catch(() => null);
  if (found === null) {
    const detail = `${address} (${config.temporalOrigin}) does not answer`;
    return withoutServer({ name, status: "missing", detail, fix: `start it, or unset ${config.temporalOrigin}` });
  }
  const where = stack?.uiUrl ? `${address}, Web UI ${stack.uiUrl}` : `${address} (${config.temporalOrigin}) answers`;
  return [ok(name, where), attributes(found.missing), llm(found.llm, config)];
}

function attributes(missing: [string, string][]): Check {
  const name = "search";
  if (missing.length === 0) return ok(name, `attributes registered: ${Object.keys(SEARCH_ATTRIBUTES).join(", ")}`);
  const detail = `attributes not registered, memos carry them: ${missing.map(([attribute]) => attribute).join(", ")}`;
  const options = missing.map(([attribute, type]) => `--name ${attribute} --type ${type}`).join(" ");
  return { name, status: "degraded", detail, fix: `temporal operator search-attribute create ${options}` };
}

/** Search attributes the server lacks, and its workers' LLM. Throws when it does not answer. */
async function lookAt(address: string, config: ClientSettings) {
  const client = await connectClient(address, config, 0);
  try {
    const { namespace } = config;
    const found = await client.connection.operatorService.listSearchAttributes({ namespace });
    const known = found.customAttributes ?? {};
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in known));
    return { missing, llm: await llmState(client, config) };
  } finally {
    await client.connection.close();
  }
}

function llm({ llm, llmFrom, ollama }: LlmState, config: ClientSettings): Check {
  const name = "LLM";
  const note = llmFrom.note ? `; ${llmFrom.note}` : "";
  const here = config.llm;
  if (llmFrom.origin === "workers" && here && (llm?.model !== here.model || llm.baseUrl !== here.baseUrl)) {
    const theirs = llm ? `use ${llm.model} at ${llm.baseUrl}` : "quote";
    const detail = `the workers ${theirs}${note}; this shell names ${here.model} at ${here.baseUrl}`;
    return { name, status: "degraded", detail, fix: "start the workers again with this shell's settings" };
  }
  const whose = llmFrom.origin === "workers" ? " (the workers')" : "";
  if (llm) return ok(name, `${llm.model} at ${llm.baseUrl}${whose}${note}; \`winnow llm check\` calls this shell's`);
  const detail = `none${whose}: answers are quoted from the docs${note}`;
  return { name, status: "ok", detail, fix: ollama ? offerOf(ollama) : null };
}
