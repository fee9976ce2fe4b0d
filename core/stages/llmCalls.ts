import { join } from "node:path";
import type { GradeRequest, WriteRequest } from "../artifacts/written.ts";
import { WinnowError } from "../base/errors.ts";
import type { Llm, LlmSettings } from "../llm/llm.ts";
import { type Asking, askForEach } from "../training/questions/written/ask.ts";
import { REPLY_TOKENS } from "../training/questions/written/prompt.ts";
import { openReplies, type Replies } from "../training/questions/written/replies.ts";
import type { StageContext, StageRun } from "./stage.ts";

/** The run fails if the endpoint gives no reply for this long. */
const PATIENCE_MS = 10 * 60_000;

/** Timeout of a call. No user waits for a reply, and a model on the same machine serves calls one by one. */
const CALL_MS = 180_000;

/** The operator's endpoint, with limits for one line per call. */
export function forQuestions(settings: LlmSettings): LlmSettings {
  return { ...settings, maxTokens: REPLY_TOKENS, temperature: 0, timeoutMs: CALL_MS };
}

export function llmOf({ llm }: StageContext): Llm {
  if (llm) return llm;
  throw new WinnowError(
    "BadInput",
    "This worker has no LLM to write questions with: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL for the cpu pool",
  );
}

type Run = Pick<StageRun<never, never>, "context" | "since" | "signal" | "onProgress">;

/**
 * Replies to all requests; those kept from earlier runs are not requested again. Throws LlmSilent if the endpoint has
 * been silent for too long.
 *
 * @param doing what the calls do, for the progress line
 */
export async function repliesTo<R extends WriteRequest | GradeRequest>(
  requests: R[],
  asking: Asking<R>,
  doing: string,
  { context, since, signal, onProgress }: Run,
): Promise<{ replies: Replies<R>; cached: number }> {
  const { LlmUnavailable } = await import("../llm/llmErrors.ts");
  const llm = llmOf(context);
  const replies = await openReplies<R>(join(context.home, "written"), llm.model, asking.identity);
  let heardAt = since;
  const onReply = (done: number) => {
    heardAt = Date.now();
    onProgress({ step: done, of: requests.length, note: `${doing}: ${done} of ${requests.length}` });
  };
  try {
    return { replies, cached: await askForEach(requests, asking, llm, replies, { signal, onReply }) };
  } catch (error) {
    const silent = Date.now() - Math.max(heardAt, replies.lastAt);
    if (!(error instanceof LlmUnavailable) || silent < PATIENCE_MS) throw error;
    throw new WinnowError(
      "LlmSilent",
      `${error.message}; no reply for ${Math.round(silent / 60_000)} min. The replies so far are kept: run again to continue.`,
      { cause: error },
    );
  }
}
