import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Faults } from "./harness.ts";

const WINNOW = fileURLToPath(new URL("../../cli/winnow.mjs", import.meta.url));

/** The command as a person starts it beside the server and state folder of a test; gives its JSON document. */
export async function winnow<T>(faults: Faults, args: string[], env: Record<string, string> = {}): Promise<T> {
  const { PATH, HOME } = process.env;
  const server = {
    TEMPORAL_ADDRESS: `127.0.0.1:${faults.port}`,
    TEMPORAL_CONFIG_FILE: "",
    WINNOW_HOME: faults.home,
    WINNOW_CACHE: faults.cache,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [WINNOW, ...args, "--json"], {
    env: { PATH, HOME, ...server, ...env },
  });
  return JSON.parse(stdout) as T;
}
