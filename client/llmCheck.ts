import { type CliConfig, computeOptions, configuredLlm } from "../config/cliConfig.ts";
import { withoutPassword } from "../config/kinds.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { type Llm, openLlm } from "../core/llm/llm.ts";
import { findLocalLlm } from "../core/llm/local/installed.ts";
import { startLocalLlm } from "../core/llm/local/localLlm.ts";
import { LOCAL } from "../core/upkeep/presence.ts";

/** Outcome of one call of the LLM that this shell names. */
export interface LlmCheck {
  ok: boolean;
  model: string;
  baseUrl: string;
  /** Seconds of the call; null if it failed. */
  seconds: number | null;
  tokensPerSecond: number | null;
  /** Its first words; null if it failed. */
  reply: string | null;
  /** What is wrong and which setting to change; null if nothing is. */
  problem: string | null;
}

/** Enough text to measure a speed; reasoning models think before they write it. */
const CHAT = [{ role: "user" as const, content: "Count from one to twenty in words." }];
const LIMITS = { maxTokens: 400, timeoutMs: 60_000 };

/**
 * Calls the configured endpoint once, or starts the local model for one call. A failed call is a result, not an error.
 * Throws BadInput if no LLM is configured.
 */
export async function checkLlm(config: CliConfig): Promise<LlmCheck> {
  const settings = configuredLlm(config);
  if (settings) {
    const named = { model: settings.model, baseUrl: withoutPassword(settings.baseUrl) };
    return attempt(named, async () => openLlm({ ...settings, ...LIMITS }));
  }
  if (config.localLlm) return checkLocal(config);
  throw new WinnowError(
    "BadInput",
    "no LLM is configured in this shell: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL, or give --llm local",
  );
}

async function checkLocal(config: CliConfig): Promise<LlmCheck> {
  const installed = findLocalLlm(config.cache, config.localLlm!.file);
  if (installed === null)
    throw new WinnowError("BadInput", "the local LLM is not installed: `winnow up --llm local` installs it");
  const { threads, env = {} } = computeOptions(config);
  let close = () => {};
  try {
    return await attempt({ model: installed.model, baseUrl: LOCAL }, async () => {
      const local = await startLocalLlm(installed, { threads, env });
      close = local.close;
      return local.open((endpoint) => ({ ...endpoint, ...LIMITS }));
    });
  } finally {
    close();
  }
}

async function attempt(named: Pick<LlmCheck, "model" | "baseUrl">, open: () => Promise<Llm>): Promise<LlmCheck> {
  try {
    const llm = await open();
    const started = performance.now();
    const { text, tokens } = await llm.complete(CHAT);
    const seconds = (performance.now() - started) / 1000;
    return {
      ok: true,
      ...named,
      seconds,
      tokensPerSecond: tokens ? tokens / seconds : null,
      reply: text,
      problem: null,
    };
  } catch (error) {
    return { ok: false, ...named, seconds: null, tokensPerSecond: null, reply: null, problem: messageOf(error) };
  }
}
