import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Check, checkMachine } from "../../core/models/doctor.ts";
import { type CliConfig, temporalBinary } from "../config.ts";
import { EXIT } from "../failure.ts";
import type { Io } from "../io.ts";
import { findStack } from "../stack.ts";
import { answers } from "../temporal.ts";

const MARKS = { ok: "✔", degraded: "○", missing: "✘" } as const;

/** Prints what is there, which variant runs and why; exits 1 when something is missing. */
export async function doctorCommand(config: CliConfig, io: Io): Promise<void> {
  const checks = [
    ...(await checkMachine(config)),
    gpu(config),
    temporalCli(config),
    await temporalServer(config),
    llm(config),
  ];
  const healthy = checks.every((check) => check.status !== "missing");
  io.result({ healthy, checks }, () =>
    checks
      .map(
        ({ name, status, detail, fix }) => `${MARKS[status]} ${name.padEnd(15)} ${detail}${fix ? `\n  → ${fix}` : ""}`,
      )
      .join("\n"),
  );
  if (!healthy) process.exitCode = EXIT.failed;
}

function gpu(config: CliConfig): Check {
  const found = config.path.some((folder) => existsSync(join(folder, "nvidia-smi")));
  const detail = found
    ? "an NVIDIA GPU driver is here; training and inference run on the CPU"
    : "none: everything runs on the CPU";
  return { name: "GPU", status: "ok", detail, fix: null };
}

function temporalCli(config: CliConfig): Check {
  const binary = temporalBinary(config);
  if (binary) return { name: "Temporal CLI", status: "ok", detail: binary, fix: null };
  const status = config.temporalAddress ? "degraded" : "missing";
  return { name: "Temporal CLI", status, detail: "not in the cache, not on PATH", fix: "npm run setup" };
}

async function temporalServer(config: CliConfig): Promise<Check> {
  const name = "Temporal server";
  if (config.temporalAddress) {
    const up = await answers(config.temporalAddress, config.namespace);
    const detail = `${config.temporalAddress} (TEMPORAL_ADDRESS) ${up ? "answers" : "does not answer"}`;
    return { name, status: up ? "ok" : "missing", detail, fix: up ? null : "start it, or unset TEMPORAL_ADDRESS" };
  }
  const stack = await findStack(config);
  const detail = stack
    ? `${stack.address}, Web UI ${stack.uiUrl}`
    : "not running; commands that need one start it for as long as they run";
  return { name, status: "ok", detail, fix: null };
}

function llm(config: CliConfig): Check {
  const detail = config.llm
    ? `${config.llm.model} at ${config.llm.baseUrl}`
    : "none: answers are quoted from the docs (WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL)";
  return { name: "LLM", status: "ok", detail, fix: null };
}
