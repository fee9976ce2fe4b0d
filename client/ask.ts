import { randomUUID } from "node:crypto";
import type { Client } from "@temporalio/client";
import { type AskResult, askInputSchema } from "../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import { parseInput } from "../core/base/parseInput.ts";
import type { ReleaseChoice } from "./openRelease.ts";
import { resultOf } from "./outcome.ts";

export interface AskOptions extends ReleaseChoice {
  /** Marks a question that no user asked, such as those of `npm start`: `questions list` leaves it out. */
  demo?: boolean;
  /** Cancels the workflow. */
  signal?: AbortSignal;
}

/** Start of the workflow ids of demonstrations. */
export const DEMO_PREFIX = "ask-demo-";

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
  { release, corpus, demo = false, signal }: AskOptions = {},
): Promise<AskResult> {
  const input = JSON.parse(JSON.stringify({ question, release, corpus }));
  // Refused here, before it crosses Temporal, where its size would be what is wrong with it.
  parseInput(askInputSchema, input);
  const handle = await client.workflow.start(WORKFLOWS.ask, {
    workflowId: `${demo ? DEMO_PREFIX : "ask-"}${randomUUID().slice(0, 8)}`,
    taskQueue: QUEUES.main,
    args: [input],
    staticSummary: question.slice(0, 200),
  });
  return resultOf(handle, signal);
}
