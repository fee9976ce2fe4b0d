import { spawn } from "node:child_process";
import { join } from "node:path";
import { runningLlm } from "../client/llm.ts";
import { type CliConfig, configuredLlm, withLocalLlm } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { WinnowError } from "../core/base/errors.ts";

/** Whose model it is: of workers that the command starts, of workers that may run already, or of the command itself. */
type For = "started workers" | "joined workers" | "itself";

/**
 * The configuration with the local model that `--llm` or WINNOW_LLM asks for, installed on first use. Throws BadInput if
 * the option cannot take effect, because workers run already or elsewhere.
 */
export async function withLlm(config: CliConfig, option: string | undefined, whose: For): Promise<CliConfig> {
  const wanted = option === undefined ? config : withLocalLlm(config, option);
  if (wanted.localLlm === null) return config;
  // Refuses an endpoint beside the model before anything is installed.
  configuredLlm(wanted);
  if (whose !== "itself" && (await othersServe(config, option, whose))) return config;
  await install(wanted.localLlm.file);
  return wanted;
}

/** True if workers that this command does not start answer, by a local model if the option asks for one. */
async function othersServe(config: CliConfig, option: string | undefined, whose: For): Promise<boolean> {
  const refused = (why: string) => new WinnowError("BadInput", `--llm has no effect on ${why}`);
  if (whose === "joined workers" && config.temporalAddress) {
    if (option === undefined) return true;
    throw refused(`the workers of ${config.temporalOrigin}: start them with WINNOW_LLM=${option}`);
  }
  const running = await runningLlm(config);
  if (running.workers && option !== undefined && !running.local)
    throw refused("the workers that run on this home already: end the `winnow up` that started them first");
  return running.workers;
}

/** Set-up of the local model; it prints its progress. Throws BadInput if the model cannot be had. */
function install(file: string | null): Promise<void> {
  const script = join(projectRoot, "scripts", "setup", "localLlm.mjs");
  const child = spawn(process.execPath, [script, ...(file === null ? [] : [file])], { stdio: ["ignore", 2, 2] });
  return new Promise((settle, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      if (code === 0) settle();
      else fail(new WinnowError("BadInput", "the local LLM is not available: the lines above say what to do"));
    });
  });
}
