import { resolve } from "node:path";
import type { LlmSettings } from "../../core/llm/llm.ts";
import { address, refused, text, withoutPassword } from "../kinds.ts";
import { type Environment, type Group, type Kind, type Reading, setting } from "../schema.ts";

/** A model that Winnow runs itself. */
export interface LocalLlmSettings {
  /** The user's own GGUF file; null for the model that set-up installs. */
  file: string | null;
  /** Tokens a second below which answers are quoted; 0 for never. */
  minSpeed: number;
}

const local: Kind<Pick<LocalLlmSettings, "file">> = {
  type: "`local` or `local:FILE.gguf`",
  parse(given, name) {
    if (given === "local") return { file: null };
    const file = given.startsWith("local:") ? given.slice("local:".length) : "";
    if (/\.gguf$/i.test(file)) return { file: resolve(file) };
    throw refused(`${name} is ${JSON.stringify(withoutPassword(given))}: give local or local:FILE.gguf`);
  },
  show: ({ file }) => (file === null ? "local" : `local:${file}`),
};

const speed: Kind<number> = {
  type: "tokens a second, from 0",
  parse(given, name) {
    const number = Number(given);
    if (given.trim() !== "" && number >= 0 && Number.isFinite(number)) return number;
    throw refused(`${name} is ${JSON.stringify(given)}: give a number from 0`);
  },
  show: String,
};

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
  readBy: ["workers", "cli"],
});

export const LOCAL = setting({
  name: "WINNOW_LLM",
  kind: local,
  default: "none",
  help: "A model that each worker process runs itself, without an endpoint. `winnow up --llm local` installs it.",
  readBy: ["workers", "cli"],
});

const MIN_SPEED = setting({
  name: "WINNOW_LLM_MIN_SPEED",
  kind: speed,
  default: "`4`",
  help: "Tokens a second that a local model must write. A slower one is not used, and answers are quoted; 0 uses any.",
  readBy: ["workers", "cli"],
  fallback: () => 4,
});

export const LLM: Group = {
  title: "LLM",
  about: "The endpoint that writes answers: set address and model, or neither. Or a local model instead.",
  settings: [BASE_URL, MODEL, API_KEY, LOCAL, MIN_SPEED],
};

/**
 * Returns the LLM endpoint, or null if none is named. Throws BadInput if only one of the two settings is set, or a local
 * model too.
 */
export function readLlm({ get }: Reading): LlmSettings | null {
  const baseUrl = get(BASE_URL);
  const model = get(MODEL);
  if ((baseUrl || model) && get(LOCAL))
    throw refused("WINNOW_LLM names a local model, and WINNOW_LLM_BASE_URL or WINNOW_LLM_MODEL an endpoint: unset one");
  if (!baseUrl && !model) return null;
  if (baseUrl && model) return { baseUrl, model, apiKey: get(API_KEY) ?? undefined };
  const absent = baseUrl ? MODEL : BASE_URL;
  throw refused(`${absent.name} is not set: an LLM needs both WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL`);
}

/** Returns the local model, or null if none is wanted. */
export function readLocalLlm({ get }: Reading): LocalLlmSettings | null {
  const wanted = get(LOCAL);
  return wanted && { ...wanted, minSpeed: get(MIN_SPEED) };
}

/** The environment for workers of a command that was given `--llm`, with an absolute path and without an endpoint. */
export function localLlmEnvironment(env: Environment, { file }: Pick<LocalLlmSettings, "file">): Environment {
  const endpoint = [BASE_URL, MODEL, API_KEY].map(({ name }) => name);
  const rest = Object.entries(env).filter(([name]) => !endpoint.includes(name));
  return { ...Object.fromEntries(rest), [LOCAL.name]: LOCAL.kind.show({ file }) };
}

/** Reads the value of `--llm`. Throws BadInput. */
export function parseLocalLlm(given: string, { get }: Reading): LocalLlmSettings {
  return { ...LOCAL.kind.parse(given, "--llm"), minSpeed: get(MIN_SPEED) };
}

/**
 * The endpoint as a command shows it, without any secret; null also if only one of the two settings is set, which the
 * workers refuse.
 */
export function describedLlm({ get }: Reading): Pick<LlmSettings, "baseUrl" | "model"> | null {
  const baseUrl = get(BASE_URL);
  const model = get(MODEL);
  return baseUrl && model ? { baseUrl: withoutPassword(baseUrl), model } : null;
}
