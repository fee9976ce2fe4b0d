import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { computeOptions, temporalBinary } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { type Check, checkMachine } from "../core/upkeep/doctor.ts";
import type { Access, ClientSettings } from "./settings.ts";
import { findStack } from "./stack.ts";
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
    gpu(config),
    temporalCli(config),
    ...(await temporalServer(config)),
    llm(config),
  ];
  return { healthy: checks.every((check) => check.status !== "missing"), checks };
}

function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail, fix: null };
}

/** Set-up records the digest of the lockfile that it installed. */
function packages(): Check {
  const name = "npm packages";
  const lock = createHash("sha256")
    .update(readFileSync(join(projectRoot, "package-lock.json")))
    .digest("hex");
  const stamp = join(projectRoot, "node_modules", ".winnow-stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return ok(name, "as in package-lock.json");
  return { name, status: "degraded", detail: "package-lock.json changed since set-up", fix: "npm run setup" };
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
    return { name, status, detail: "not in the cache, not on PATH", fix: "npm run setup" };
  }
  const origin = binary.startsWith(config.cache) ? "from set-up" : "on PATH";
  try {
    const version = execFileSync(binary, ["--version"], { encoding: "utf8", timeout: 10_000 }).trim();
    return ok(name, `${binary} (${origin}), ${version.replace(/^temporal version /, "")}`);
  } catch {
    return { name, status: "missing", detail: `${binary} does not run`, fix: "remove it, then npm run setup" };
  }
}

async function temporalServer(config: ClientSettings): Promise<Check[]> {
  const name = "Temporal server";
  const stack = config.temporalAddress ? null : await findStack(config);
  const address = config.temporalAddress ?? stack?.address;
  if (!address) return [ok(name, "not running; commands that need one start it for as long as they run")];
  const missing = await missingAttributes(address, config).catch(() => null);
  if (missing === null) {
    const detail = `${address} (${config.temporalOrigin}) does not answer`;
    return [{ name, status: "missing", detail, fix: `start it, or unset ${config.temporalOrigin}` }];
  }
  const server = ok(
    name,
    stack?.uiUrl ? `${address}, Web UI ${stack.uiUrl}` : `${address} (${config.temporalOrigin}) answers`,
  );
  return [server, attributes(missing)];
}

function attributes(missing: [string, string][]): Check {
  const name = "search";
  if (missing.length === 0) return ok(name, `attributes registered: ${Object.keys(SEARCH_ATTRIBUTES).join(", ")}`);
  const detail = `attributes not registered, memos carry them: ${missing.map(([attribute]) => attribute).join(", ")}`;
  const options = missing.map(([attribute, type]) => `--name ${attribute} --type ${type}`).join(" ");
  return { name, status: "degraded", detail, fix: `temporal operator search-attribute create ${options}` };
}

/** Search attributes the server lacks. Throws when it does not answer. */
async function missingAttributes(address: string, access: Access): Promise<[string, string][]> {
  const { connection } = await connectClient(address, access, 0);
  try {
    const found = await connection.operatorService.listSearchAttributes({ namespace: access.namespace });
    return Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in (found.customAttributes ?? {})));
  } finally {
    await connection.close();
  }
}

function llm(config: ClientSettings): Check {
  const detail = config.llm
    ? `${config.llm.model} at ${config.llm.baseUrl}`
    : "none: answers are quoted from the docs (WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL)";
  return { name: "LLM", status: "ok", detail, fix: null };
}
