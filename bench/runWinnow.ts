import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { PipelineResult } from "../contracts/pipeline.ts";

const winnow = fileURLToPath(new URL("../cli/winnow.mjs", import.meta.url));

/**
 * Runs `winnow run ... --json` in a child process, with its progress on this process's stderr. Exits if the run fails.
 */
export async function runWinnow(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  started: (pid: number) => void = () => {},
): Promise<PipelineResult> {
  const child = spawn(process.execPath, [winnow, "run", ...args, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  started(child.pid!);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((settle) => child.once("close", settle));
  if (code !== 0) {
    console.error(output);
    process.exit(code ?? 1);
  }
  return JSON.parse(output);
}
