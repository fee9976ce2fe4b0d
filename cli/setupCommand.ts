import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command } from "commander";
import { projectRoot } from "../config/read.ts";
import { addPlainCommand } from "./action.ts";
import type { Io } from "./io.ts";

/** `winnow setup`: what `npm start` does first in a clone. */
export function addSetupCommand(program: Command): void {
  addPlainCommand(
    program,
    "setup",
    "Fetch what npm does not install: a Temporal server, the weights of all-MiniLM-L6-v2, the addon of faiss-node. Checked by SHA-256; safe to repeat.",
    {},
    setUp,
  );
}

/** Runs set-up in a process of its own, which prints its progress to stderr and cleans up after an interrupt. */
async function setUp(io: Io): Promise<void> {
  await io.interrupts.during(async ({ stop }) => {
    const script = join(projectRoot, "scripts", "bootstrap.mjs");
    const child = spawn(process.execPath, [script], { stdio: ["ignore", 2, 2] });
    stop.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    const [code] = await once(child, "close");
    process.exitCode = code ?? 1;
  });
}
