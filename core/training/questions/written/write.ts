import type { Rejection, WriteRequest, WrittenQuestion, WrittenStats } from "../../../artifacts/written.ts";
import type { Asking } from "./ask.ts";
import { PROMPT_VERSION, questionPrompt } from "./prompt.ts";
import type { Replies } from "./replies.ts";
import { parseReply, questionKey } from "./reply.ts";

/** How a question is requested. */
export const WRITING: Asking<WriteRequest> = {
  prompt: questionPrompt,
  identity: ({ style, heading, text }) => [PROMPT_VERSION, style, heading, text],
};

/** The questions in the replies, and the number of rejections by reason. Every request must have its reply. */
export function readReplies(requests: WriteRequest[], replies: Replies<WriteRequest>) {
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
