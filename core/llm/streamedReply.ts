import { withoutControls } from "../base/controls.ts";
import { LlmUnavailable } from "./llmErrors.ts";
import { answerSoFar } from "./thoughts.ts";

/**
 * Called whenever text arrives. `soFar` returns the text so far without reasoning and control characters; the next
 * result begins with it.
 */
export type OnText = (soFar: () => string) => void;

/** The reply as an endpoint sends it without streaming, of which nothing is certain. */
export interface ReplyDocument {
  choices: { message: { content?: string }; finish_reason: unknown }[];
  usage?: { completion_tokens?: unknown } | null;
}

/** True for a response of server-sent events. */
export function answersInEvents(headers: Headers): boolean {
  return /^text\/event-stream\b/i.test(headers.get("content-type") ?? "");
}

/**
 * Gathers a stream of chunks, of which nothing is certain, into one document. Throws LlmUnavailable for a stream that
 * ends before the reply does, and what the stream throws.
 */
export async function gathered(
  chunks: AsyncIterable<unknown>,
  signal: AbortSignal,
  onText: OnText,
): Promise<ReplyDocument> {
  let content: string | undefined;
  for await (const chunk of chunks) {
    const { choices, usage } = (chunk ?? {}) as { choices?: unknown; usage?: ReplyDocument["usage"] };
    const choice = firstOf(choices);
    if (choice === null) continue;
    const { delta, finish_reason } = choice;
    content ??= "";
    if (typeof delta?.content === "string" && delta.content !== "") {
      content += delta.content;
      const now = content;
      onText(() => textSoFar(now));
    }
    // The end of the reply, whatever else the endpoint may send or leave open.
    if (typeof finish_reason === "string" && finish_reason !== "")
      return { choices: [{ message: { content }, finish_reason }], usage };
  }
  // The stream of an aborted call just ends.
  signal.throwIfAborted();
  throw new LlmUnavailable("the LLM's reply broke off");
}

interface ChunkChoice {
  index?: unknown;
  delta?: { content?: unknown } | null;
  finish_reason?: unknown;
}

function firstOf(choices: unknown): ChunkChoice | null {
  const [first] = Array.isArray(choices) ? (choices as (ChunkChoice | null)[]) : [];
  return first && (first.index ?? 0) === 0 ? first : null;
}

/** Half of a character, and a line break that may become one with the next, wait for what follows. */
function textSoFar(content: string): string {
  return answerSoFar(withoutControls(content.replace(/[\uD800-\uDBFF\r]$/, "")));
}
