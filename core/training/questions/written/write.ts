import type { Rejection, WriteRequest, WrittenQuestion, WrittenStats } from "../../../artifacts/written.ts";
import { WinnowError } from "../../../base/errors.ts";
import { randomFence } from "../../../llm/fence.ts";
import type { Llm } from "../../../llm/llm.ts";
import { LlmFiltered, LlmSaidNothing } from "../../../llm/llmErrors.ts";
import { questionPrompt } from "./prompt.ts";
import type { Replies } from "./replies.ts";
import { parseReply, questionKey } from "./reply.ts";

export interface WriteOptions {
  signal: AbortSignal;
  /** Called after each reply. */
  onReply(done: number): void;
}

/** Concurrent calls. */
const CALLS = 4;

/**
 * Requests the questions missing in `replies` from the LLM, a few calls at a time. Keeps each reply at once, so that a
 * later call continues here. Makes one attempt per call; after a failure, running calls finish first. Returns the
 * number of replies that were already known. Throws what `Llm.complete` throws.
 */
export async function askForQuestions(
  requests: WriteRequest[],
  llm: Llm,
  replies: Replies,
  { signal, onReply }: WriteOptions,
): Promise<number> {
  const missing = requests.filter((request) => replies.get(request) === undefined);
  const cached = requests.length - missing.length;
  let done = cached;
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < missing.length && !failed) {
      if (signal.aborted) throw new WinnowError("Cancelled", "writing questions was cancelled");
      const request = missing[next++]!;
      try {
        await replies.keep(request, await replyTo(request, llm, signal));
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
async function replyTo(request: WriteRequest, llm: Llm, signal: AbortSignal): Promise<string> {
  try {
    return (await llm.complete(questionPrompt(request, randomFence()), signal)).text;
  } catch (error) {
    if (error instanceof LlmSaidNothing || error instanceof LlmFiltered) return "";
    throw error;
  }
}

/** The questions in the replies, and the number of rejections by reason. Every request must have its reply. */
export function readReplies(requests: WriteRequest[], replies: Replies) {
  const seen = new Set<string>();
  const questions: WrittenQuestion[] = [];
  const rejected: WrittenStats["rejected"] = {};
  for (const request of requests) {
    const parsed = parseReply(replies.get(request)!, request);
    const again = "question" in parsed && seen.has(questionKey(parsed.question));
    if ("question" in parsed && !again) {
      seen.add(questionKey(parsed.question));
      questions.push({ question: parsed.question, passageId: request.passageId, style: request.style });
    } else {
      const reason: Rejection = "rejected" in parsed ? parsed.rejected : "duplicate";
      rejected[reason] = (rejected[reason] ?? 0) + 1;
    }
  }
  return { questions, rejected };
}
