import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { readyMessage } from "../../client/forkPart.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { projectRoot } from "../../config/read.ts";
import { end, partEnv, type Usage, usageOf } from "../deployment.ts";

/** The API in a process of its own, as `winnow up` starts it. */
export interface ApiProcess {
  url: string;
  usage(): Usage;
  stop(): Promise<void>;
}

/** @param questions that may be under way at once */
export async function apiProcess(
  config: CliConfig,
  address: string,
  { questions }: { questions: number },
): Promise<ApiProcess> {
  const env = { ...partEnv(config, address), WINNOW_HTTP_QUESTIONS: `${questions}` };
  const child: ChildProcess = fork(join(projectRoot, "http", "main.ts"), [config.home], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const { port } = await readyMessage<{ port: number }>(child, "The API", "above");
  return { url: `http://127.0.0.1:${port}`, usage: () => usageOf(child.pid!), stop: () => end(child) };
}
