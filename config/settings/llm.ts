import type { LlmSettings } from "../../core/llm/llm.ts";
import { address, refused, text } from "../kinds.ts";
import { type Group, type Reading, setting } from "../schema.ts";

const BASE_URL = setting({
  name: "WINNOW_LLM_BASE_URL",
  kind: address,
  default: "none: answers are quoted from the docs",
  help: "Address of an OpenAI-compatible endpoint with its path, such as `http://127.0.0.1:11434/v1`.",
  readBy: ["workers", "cli"],
});

const MODEL = setting({
  name: "WINNOW_LLM_MODEL",
  kind: text,
  default: "none: answers are quoted from the docs",
  help: "Model that the endpoint is asked for.",
  readBy: ["workers", "cli", "containers"],
});

const API_KEY = setting({
  name: "WINNOW_LLM_API_KEY",
  kind: text,
  default: "none",
  help: "API key of the endpoint. `OPENAI_API_KEY` is not read: it could be sent to an address it was not made for.",
  secret: true,
  readBy: ["workers"],
});

export const LLM: Group = {
  title: "LLM",
  about: "The endpoint that writes answers. Set address and model, or neither.",
  settings: [BASE_URL, MODEL, API_KEY],
};

/** Returns the LLM endpoint, or null if none is named. Throws BadInput if only one of the two settings is set. */
export function readLlm({ get }: Reading): LlmSettings | null {
  const baseUrl = get(BASE_URL);
  const model = get(MODEL);
  if (!baseUrl && !model) return null;
  if (baseUrl && model) return { baseUrl, model, apiKey: get(API_KEY) ?? undefined };
  const absent = baseUrl ? MODEL : BASE_URL;
  throw refused(`${absent.name} is not set: an LLM needs both WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL`);
}

/** The endpoint as a command shows it; null also if only one of the two settings is set, which the workers refuse. */
export function describedLlm({ get }: Reading): Pick<LlmSettings, "baseUrl" | "model"> | null {
  const baseUrl = get(BASE_URL);
  const model = get(MODEL);
  return baseUrl && model ? { baseUrl, model } : null;
}
