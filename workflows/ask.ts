import { ApplicationFailureCategory } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  defineQuery,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from "@temporalio/workflow";
import type { QuestionRequest } from "../activities/light.ts";
import type { AskResult } from "../contracts/ask.ts";
import { MAX_QUESTION, QUESTION_TOO_LONG, RANKED_QUERY } from "../contracts/names.ts";
import type { RankedQuestion } from "../core/serving/ranked.ts";
import { publishFacts } from "./facts.ts";
import { busy, lightHere, llm, MINUTE_MS, onQueryPool, query } from "./pools.ts";

/** Candidates that the LLM answers from. Unknown before they are found, and for an answer without an LLM. */
const rankedQuery = defineQuery<RankedQuestion>(RANKED_QUERY);
/** Timeouts of an activity that a worker had begun. */
const BEGUN = new Set<TimeoutFailure["timeoutType"] | undefined>(["HEARTBEAT", "START_TO_CLOSE"]);

/**
 * Answers a question with citations: retrieve -> rerank -> threshold -> answer. The release is fixed at the start, so a
 * promotion in between changes nothing. If no passage is relevant enough, the LLM is not called.
 */
export async function ask(raw: unknown): Promise<AskResult> {
  try {
    const request = await parse(raw);
    const { question, release, corpus, searchable } = request;
    const about = `**${question}**\n\nasked of release \`${release}\` of corpus ${corpus}`;
    setCurrentDetails(about);
    const result = await answer(request);
    setCurrentDetails(`${about}\n\n${outcomeDetails(result)}`);
    if (searchable) publishFacts(true, { corpus, release, outcome: result.kind });
    return result;
  } catch (error) {
    throw callersFailure(error) ?? workersFailure(error) ?? error;
  }
}

/** The outcome with its sources as links, for the Web UI. The workflow's result holds the answer and its receipt. */
function outcomeDetails({ kind, citations, closest, receipt }: AskResult): string {
  const places = kind === "abstained" ? closest : citations;
  const listed = places.map(({ heading, url, page }) => {
    const title = (heading.at(-1) ?? page).replace(/[[\]\\<>]/g, " ");
    return /^https?:\/\/[^\s()<>]+$/.test(url) ? `- [${title}](${url})` : `- ${title} (\`${page}\`)`;
  });
  const named = kind === "abstained" ? "Refused" : kind;
  const outcome = receipt.why === null ? `**${named}**` : `**${named}**: ${receipt.why}`;
  const label = kind === "abstained" ? "Closest passages" : "Sources";
  return listed.length === 0 ? outcome : `${outcome}\n\n${label}:\n${listed.join("\n")}`;
}

/** Runs in the workflow's own worker, which saves a round trip. A question that waited a minute is refused. */
async function parse(raw: unknown): Promise<QuestionRequest> {
  if (Date.now() - workflowInfo().startTime.getTime() > MINUTE_MS) throw busy();
  const { question } = (raw ?? {}) as { question?: unknown };
  // Its bytes would not pass to the activity that checks all else.
  if (typeof question === "string" && question.length > MAX_QUESTION)
    throw ApplicationFailure.nonRetryable(`question: ${QUESTION_TOO_LONG}`, "BadInput");
  return lightHere.parseQuestion(raw);
}

/** Does everything that needs no LLM in one visit to the query pool. */
async function answer(request: QuestionRequest): Promise<AskResult> {
  const { question, corpus, passages, stream } = request;
  const found = await onQueryPool(query.respond, "retrieve, rerank, answer", request);
  if (found.answer !== null) return found.answer;
  const ranked: RankedQuestion = { question, corpus, passages, ranked: found.ranked };
  setHandler(rankedQuery, () => ranked);
  return answerByLlm(ranked, found.model, stream);
}

/**
 * Returns the LLM's answer, or the passages if the endpoint stays down. If the endpoint refuses, the question fails
 * with its hint.
 */
async function answerByLlm(asked: RankedQuestion, model: string, stream: boolean): Promise<AskResult> {
  try {
    return await onQueryPool(llm.answer, `answer by ${model}`, stream ? { ...asked, stream } : asked);
  } catch (error) {
    const why = downReason(error);
    if (why === null) throw error;
    return onQueryPool(query.degrade, "the LLM stayed down", { ...asked, why });
  }
}

/** A failure caused by the input: passed on unchanged, and not counted as a failed workflow by monitoring. */
function callersFailure(error: unknown): ApplicationFailure | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure) || (cause.type !== "BadInput" && cause.type !== "Busy")) return null;
  const { message, type } = cause;
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Every attempt ended with its worker, or the worker was too busy to show that it lives. A caller may ask again. */
function workersFailure(error: unknown): ApplicationFailure | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof TimeoutFailure) || !BEGUN.has(cause.timeoutType)) return null;
  const message = "Each worker that took the question ended or was too busy before it had an answer. Ask again.";
  return ApplicationFailure.nonRetryable(message, "ComputeCrashed");
}

function downReason(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return "it did not answer in time";
  return cause instanceof ApplicationFailure && cause.type === "LlmUnavailable" ? cause.message : null;
}
