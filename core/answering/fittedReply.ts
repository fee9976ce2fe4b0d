import { withClosedFence } from "../docs/text/code.ts";

/** Four times what a model may write by its token limit. The check's time can grow with the square of the length. */
const MAX_ANSWER = 12_000;
/** A cut at the end of a line or sentence may drop this many characters more. */
const SEARCHED = 1000;

/** The reply, cut where it is longer than an answer may be, at the end of a line or sentence if one is near. */
export function fittedReply(reply: string): { text: string; cut: boolean } {
  if (reply.length <= MAX_ANSWER) return { text: reply, cut: false };
  const head = reply.slice(0, MAX_ANSWER);
  const ends = Math.max(head.lastIndexOf("\n"), head.lastIndexOf(". ") + 1);
  const whole = ends > MAX_ANSWER - SEARCHED ? head.slice(0, ends) : head.replace(/[\uD800-\uDBFF]$/, "");
  return { text: withClosedFence(whole.trimEnd()), cut: true };
}
