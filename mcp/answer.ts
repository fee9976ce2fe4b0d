import type { Doors } from "../client/doors.ts";
import type { QuestionChoice } from "../client/lookups.ts";
import type { AskResult } from "../contracts/ask.ts";
import type { AskEvent } from "../contracts/askEvents.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import type { Call } from "./tool.ts";

const TICK_MS = 5000;
/** Part of the deadline after which the stand-in is made, so that it is at hand when time is up. */
const STAND_IN = 0.5;

/** An answer and the id of its record. The id is null for passages that stand in for a late answer. */
export interface Answered {
  result: AskResult;
  receipt: string | null;
  /** Why the passages stand in; null for an answer. */
  late: string | null;
}

/**
 * Answers by the workflow `ask`, reporting progress every few seconds. If there is no answer after `deadlineMs`, cancels
 * the workflow and quotes the passages instead. Throws what `doors.follow` and `doors.degraded` throw, and Cancelled
 * when the call is cancelled.
 */
export async function answerWithin(
  doors: Pick<Doors, "follow" | "degraded">,
  question: string,
  choice: Omit<QuestionChoice, "signal">,
  { deadlineMs, signal, progress }: Call & { deadlineMs: number },
): Promise<Answered> {
  const why = `it did not answer within ${Math.round(deadlineMs / 1000)} s`;
  const late = new AbortController();
  const left = new AbortController();
  const ended = AbortSignal.any([signal, late.signal]);
  const began = performance.now();
  let stage = "starting";
  const tell = () => progress(`${stage} (${Math.round((performance.now() - began) / 1000)} s)`);
  let standIn: Promise<AskResult> | undefined;
  const spare = () => {
    standIn ??= doors.degraded(question, { ...choice, why, signal: AbortSignal.any([signal, left.signal]) });
    standIn.catch(() => {
      standIn = undefined;
    });
    return standIn;
  };
  const timers = [
    setInterval(tell, TICK_MS),
    setTimeout(spare, deadlineMs * STAND_IN),
    setTimeout(() => late.abort(), deadlineMs),
  ];
  const onStage = (next: string) => {
    stage = next;
    tell();
  };
  try {
    tell();
    return await unlessAborted(followed(doors.follow(question, { ...choice, signal: ended }), onStage), ended);
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error;
    return { result: await spare(), receipt: null, late: why };
  } finally {
    left.abort();
    for (const timer of timers) clearTimeout(timer);
  }
}

async function followed(events: AsyncGenerator<AskEvent>, onStage: (stage: string) => void): Promise<Answered> {
  let writing = false;
  for await (const { event, data } of events) {
    if (event === "answer" || event === "abstained") {
      const { id, ...result } = data;
      return { result, receipt: id, late: null };
    }
    if (event === "accepted") onStage(`question ${data.id}: searching`);
    if (event === "passages") onStage(`${used(data)} found, an answer is being made`);
    if (event === "token" && !writing) onStage("the language model writes");
    writing = event === "token" || (writing && event !== "restart");
  }
  throw new Error("the events of a question ended without a result");
}

function used({ candidates }: Extract<AskEvent, { event: "passages" }>["data"]): string {
  const relevant = candidates.filter(({ dropped }) => dropped === null).length;
  return relevant === 1 ? "1 relevant passage" : `${relevant} relevant passages`;
}
