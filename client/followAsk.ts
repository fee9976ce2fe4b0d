import type { Client, WorkflowHandle } from "@temporalio/client";
import type { TextHeartbeat } from "../activities/heartbeat.ts";
import type { AskResult } from "../contracts/ask.ts";
import type { AskEvent, FoundPassages } from "../contracts/askEvents.ts";
import { RANKED_QUERY } from "../contracts/names.ts";
import { buildReceipt, selectPassages } from "../core/answering/receipt.ts";
import { endsWithin } from "../core/base/endsWithin.ts";
import { leastUsed } from "../core/judging/limits.ts";
import type { RankedQuestion } from "../core/serving/ranked.ts";
import { CANCEL_MS, type StartOptions, startAsk } from "./ask.ts";
import { pendingActivities } from "./heartbeat.ts";
import { resultOf } from "./outcome.ts";
import { Pace } from "./pace.ts";

export interface FollowAskOptions extends Omit<StartOptions, "stream"> {
  /** Cancels the workflow. */
  signal?: AbortSignal;
  /** Shared by all questions that one process follows: the server is not asked more often for many than for a few. */
  pace?: Pace;
}

/** Looks of one process at its questions, a second. Up to 16 questions then show their text at once. */
export const LOOKS_PER_SECOND = 400;

/** The activity that calls the LLM. */
const LLM_ACTIVITY = "answer";
/** Pauses between two looks at the workflow: while the text grows, and while it is not written yet. */
const WRITTEN_MS = 40;
const WAITING_MS = 60;
/** A question can be answered without its candidates: they come with the answer then. */
const CANDIDATES_MS = 3000;

/**
 * Answers a question by the workflow `ask`, as events while the answer is made. The text comes from the heartbeats of
 * the LLM's activity. Ending the iteration, or aborting `signal`, cancels the workflow. Throws what `ask` throws.
 *
 * @example
 * for await (const { event, data } of followAsk(client, "how do I run a one-off task?"))
 *   if (event === "token") show(data.text);
 */
export async function* followAsk(
  client: Client,
  question: string,
  { signal, pace = new Pace(LOOKS_PER_SECOND), ...options }: FollowAskOptions = {},
): AsyncGenerator<AskEvent> {
  const left = new AbortController();
  const handle = await startAsk(client, question, { ...options, stream: true });
  const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const result = resultOf<AskResult>(handle, stop, { leaveMs: CANCEL_MS });
  result.catch(() => {});
  const rest = pace.enter();
  try {
    yield { event: "accepted", data: { id: handle.workflowId } };
    const found = yield* untilAnswered(client, handle, { result, pace });
    const answer = { id: handle.workflowId, ...(await result) };
    if (!found) yield { event: "passages", data: foundIn(answer.receipt) };
    yield { event: answer.kind === "abstained" ? "abstained" : "answer", data: answer };
  } finally {
    rest();
    left.abort();
  }
}

/** Passages and text until the workflow has ended. Returns whether the passages were among them. */
async function* untilAnswered(
  client: Client,
  handle: WorkflowHandle,
  { result, pace }: { result: Promise<unknown>; pace: Pace },
): AsyncGenerator<AskEvent, boolean> {
  const text = new GrowingText();
  let found = false;
  for (let pause = WAITING_MS; !(await endsWithin(result, pace.pause(pause))); ) {
    // A server that does not answer now may answer the next time.
    const pending = await pendingActivities(client, handle.workflowId).catch(() => []);
    const llm = pending.find(({ name }) => name === LLM_ACTIVITY);
    if (!llm) continue;
    const candidates = found ? null : await rankedOf(client, handle).catch(() => null);
    if (candidates) {
      found = true;
      yield { event: "passages", data: candidates };
    }
    if (found) yield* text.events(llm.beat);
    pause = WRITTEN_MS;
  }
  return found;
}

/** What the workflow has found, from its query. */
async function rankedOf(client: Client, handle: WorkflowHandle): Promise<FoundPassages> {
  const query = () => handle.query<RankedQuestion>(RANKED_QUERY);
  const { ranked, passages, corpus } = await client.withDeadline(Date.now() + CANDIDATES_MS, query);
  const selection = selectPassages(ranked.passages, leastUsed(ranked), passages);
  return foundIn(buildReceipt(ranked, selection, { corpus, refusedBy: null, model: null }));
}

function foundIn({
  release,
  corpus,
  ranking,
  threshold,
  limits,
  candidates,
  unmeasured,
}: FoundPassages): FoundPassages {
  return { release, corpus, ranking, threshold, limits, candidates, ...(unmeasured ? { unmeasured } : {}) };
}

/** The text of the heartbeats, as events of what was added. */
class GrowingText {
  private attempt = 0;
  private text = "";
  private restarts = 0;

  *events(beat: object | null): Generator<AskEvent> {
    const { attempt, text } = (beat ?? {}) as Partial<TextHeartbeat>;
    if (typeof attempt !== "number" || typeof text !== "string") return;
    if (attempt !== this.attempt || !text.startsWith(this.text)) {
      if (this.text !== "") yield { event: "restart", data: { attempt: ++this.restarts + 1 } };
      this.text = "";
      this.attempt = attempt;
    }
    const added = text.slice(this.text.length);
    this.text = text;
    if (added !== "") yield { event: "token", data: { text: added } };
  }
}
