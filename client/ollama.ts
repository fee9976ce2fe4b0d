import { z } from "zod";
import { boundedFetch } from "../core/llm/boundedFetch.ts";

/** An Ollama server on this machine. */
export interface Ollama {
  /** Base URL for `WINNOW_LLM_BASE_URL`. */
  baseUrl: string;
  /** Its chat models, as Ollama orders them: the one changed last comes first. */
  models: string[];
}

/** Ollama's usual address. */
const OLLAMA = "http://127.0.0.1:11434";
const PATIENCE_MS = 400;
const MAX_REPLY_BYTES = 256 * 1024;

/** Names are printed inside a shell command, so names with other characters are left out. */
const NAME = /^[\w][\w./:-]{0,99}$/;
const TAGS = z.object({ models: z.array(z.object({ name: z.string() })).max(1000) });

/** Looks for Ollama and its models by one GET; nothing else is sent. Null if there is none, or it has no model. */
export async function findOllama(address = OLLAMA): Promise<Ollama | null> {
  try {
    // Whatever listens there may send anything.
    const response = await boundedFetch(() => MAX_REPLY_BYTES)(`${address}/api/tags`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: "error",
    });
    if (!response.ok) return null;
    const { models } = TAGS.parse(await response.json());
    // An embedder cannot chat.
    const names = models.map(({ name }) => name).filter((name) => NAME.test(name) && !/embed|minilm/i.test(name));
    return names.length > 0 ? { baseUrl: `${address}/v1`, models: names } : null;
  } catch {
    return null;
  }
}

/** How to use it, in one line. */
export function offerOf({ baseUrl, models }: Ollama): string {
  const [model] = models;
  return `Ollama is running with ${model}: export WINNOW_LLM_BASE_URL=${baseUrl} WINNOW_LLM_MODEL=${model}`;
}
