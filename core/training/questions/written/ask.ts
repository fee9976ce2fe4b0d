import { WinnowError } from "../../../base/errors.ts";
import { randomFence } from "../../../llm/fence.ts";
import type { ChatMessage, Llm } from "../../../llm/llm.ts";
import { LlmFiltered, LlmSaidNothing } from "../../../llm/llmErrors.ts";
import type { Replies } from "./replies.ts";

/** One kind of request to the LLM. */
export interface Asking<R> {
  /** @param fence from `randomFence`, new for every call. */
  prompt(request: R, fence: string): ChatMessage[];
  /** All that the reply depends on, with the version of the prompt. */
  identity(request: R): unknown;
}

export interface AskOptions {
  signal: AbortSignal;
  /** Called after each reply. */
  onReply(done: number): void;
}

/** Concurrent calls. */
const CALLS = 4;

/**
 * Sends the requests missing in `replies` to the LLM, a few calls at a time. Keeps each reply at once, so that a later
 * call continues here. Makes one attempt per call; after a failure, running calls finish first. Returns the number of
 * replies that were already known. Throws what `Llm.complete` throws.
 */
export async function askForEach<R>(
  requests: R[],
  { prompt }: Pick<Asking<R>, "prompt">,
  llm: Llm,
  replies: Replies<R>,
  { signal, onReply }: AskOptions,
): Promise<number> {
  const missing = requests.filter((request) => replies.get(request) === undefined);
  const cached = requests.length - missing.length;
  let done = cached;
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < missing.length && !failed) {
      if (signal.aborted) throw new WinnowError("Cancelled", "asking the LLM was cancelled");
      const request = missing[next++]!;
      try {
        await replies.keep(request, await replyTo(prompt(request, randomFence()), llm, signal));
      } catch (error) {
        failed = true;
        throw error;
      }
      onReply(++done);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: CALLS }, lane));
  const failures = lanes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  // A refusal is final; other errors may be retried.
  if (failures.length > 0) throw failures.find((error) => error?.code === "LlmRefused") ?? failures[0];
  return cached;
}

/** Treats an empty or filtered reply as a reply: a retry would give the same. */
async function replyTo(messages: ChatMessage[], llm: Llm, signal: AbortSignal): Promise<string> {
  try {
    return (await llm.complete(messages, signal)).text;
  } catch (error) {
    if (error instanceof LlmSaidNothing || error instanceof LlmFiltered) return "";
    throw error;
  }
}
