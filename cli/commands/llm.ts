import { checkLlm, type LlmCheck } from "../../client/llmCheck.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";

/** `winnow llm check`; exits 1 when the call fails. */
export async function llmCheckCommand(config: CliConfig, io: Io): Promise<void> {
  const check = await checkLlm(config);
  io.result(check, () => renderLlmCheck(check));
  if (!check.ok) process.exitCode = EXIT.failed;
}

export function renderLlmCheck({ ok, model, baseUrl, seconds, tokensPerSecond, reply, problem }: LlmCheck): string {
  if (!ok) return `✘ ${model} at ${baseUrl}\n  ${problem}`;
  const speed = tokensPerSecond === null ? "" : `, ${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s`;
  // Whatever an endpoint sends must not steer the terminal.
  const said = (reply ?? "").replace(/[\s\p{C}]+/gu, " ").trim();
  return `✔ ${model} at ${baseUrl}: answered in ${seconds!.toFixed(1)} s${speed}\n  ${said.slice(0, 100)}${said.length > 100 ? "…" : ""}`;
}
