import type { LlmState } from "../client/llm.ts";
import { offerOf } from "../client/ollama.ts";
import { LOCAL } from "../core/upkeep/presence.ts";

/** Who writes the answers, and how to use an Ollama server that is not used yet: one line each. */
export function renderLlm({ llm, llmFrom, ollama }: LlmState): string[] {
  const name = llm ? named(llm) : "none: answers are quoted from the docs";
  const origin = llm && llmFrom.origin === "shell" ? " (set in this shell; no workers run)" : "";
  const note = llmFrom.note ? `; ${llmFrom.note}` : "";
  return [`${name}${origin}${note}`, ...(ollama ? [offerOf(ollama)] : [])];
}

function named({ model, baseUrl }: NonNullable<LlmState["llm"]>): string {
  return baseUrl === LOCAL ? `${model}, run by the workers` : `${model} at ${baseUrl}`;
}
