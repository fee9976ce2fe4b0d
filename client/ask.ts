import { randomUUID } from "node:crypto";
import type { Client, WorkflowHandle } from "@temporalio/client";
import { type AskInput, type AskResult, askInputSchema } from "../contracts/ask.ts";
import { DEMO_PREFIX, QUEUES, WORKFLOWS } from "../contracts/names.ts";
import { parseInput } from "../core/base/parseInput.ts";
import type { ReleaseChoice } from "./openRelease.ts";
import { asWinnowError, resultOf } from "./outcome.ts";

export interface AskOptions extends ReleaseChoice {
  /** Marks a question that no user asked, such as those of `npm start`: `questions list` leaves it out. */
  demo?: boolean;
  /** Cancels the workflow. */
  signal?: AbortSignal;
}

/** An id names one answer for as long as Temporal keeps it, and cannot be guessed. */
const ID_DIGITS = 20;
/** Time that the server has to take a question. */
const START_MS = 15_000;
/** Time that workers have to end a cancelled question. Without a worker it never ends. */
export const CANCEL_MS = 10_000;

/**
 * Answers a question from the docs by the workflow `ask`: the answer, its citations and its receipt. Throws BadInput for
 * an empty or too long question, UnknownRelease, Busy when too many questions wait, Cancelled.
 *
 * @example
 * const { kind, answer, citations } = await ask(client, "how do I run a one-off task?", { corpus: "k8s" });
 */
export async function ask(
  client: Client,
  question: string,
  { signal, ...options }: AskOptions = {},
): Promise<AskResult> {
  return resultOf(await startAsk(client, question, options), signal, { leaveMs: CANCEL_MS });
}

/** Options of the workflow `ask`, and whether no user asked the question. */
export type StartOptions = Partial<Omit<AskInput, "question">> & Pick<AskOptions, "demo">;

/** Starts the workflow `ask`. Throws BadInput, and TemporalUnreachable if the server does not take it. */
export async function startAsk(
  client: Client,
  question: string,
  { demo = false, ...options }: StartOptions = {},
): Promise<WorkflowHandle> {
  const input = JSON.parse(JSON.stringify({ question, ...options }));
  // Refused here, before it crosses Temporal, where its size would be what is wrong with it.
  parseInput(askInputSchema, input);
  const start = () =>
    client.workflow.start(WORKFLOWS.ask, {
      workflowId: `${demo ? DEMO_PREFIX : "ask-"}${randomUUID().replaceAll("-", "").slice(0, ID_DIGITS)}`,
      taskQueue: QUEUES.main,
      args: [input],
      staticSummary: question.slice(0, 200),
      // Ends a question that no worker takes.
      workflowExecutionTimeout: "20 minutes",
    });
  return client.withDeadline(Date.now() + START_MS, start).catch((error) => {
    throw asWinnowError(error);
  });
}
