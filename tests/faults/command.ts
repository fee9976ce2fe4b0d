import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Faults } from "./harness.ts";

export const WINNOW = fileURLToPath(new URL("../../cli/winnow.mjs", import.meta.url));

/** Environment of a command, apart from the test's server and state folder. */
export function beside(faults: Faults): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    ...{ PATH, HOME },
    TEMPORAL_ADDRESS: `127.0.0.1:${faults.port}`,
    TEMPORAL_CONFIG_FILE: "",
    WINNOW_HOME: faults.home,
    WINNOW_CACHE: faults.cache,
  };
}

/** Runs the command as a person would, and returns its JSON document. */
export async function winnow<T>(faults: Faults, args: string[], env: Record<string, string> = {}): Promise<T> {
  return JSON.parse(await winnowText(faults, [...args, "--json"], env)) as T;
}

/** Text that the command prints on stdout. */
export async function winnowText(faults: Faults, args: string[], env: Record<string, string> = {}): Promise<string> {
  const options = { env: { ...beside(faults), ...env } };
  return (await promisify(execFile)(process.execPath, [WINNOW, ...args], options)).stdout;
}

/** Starts the command and leaves it running. `said` returns its stderr so far. */
export function startWinnow(faults: Faults, args: string[]): { child: ChildProcess; said(): string } {
  const child = spawn(process.execPath, [WINNOW, ...args], {
    env: beside(faults),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, said: () => said };
}
