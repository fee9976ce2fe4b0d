import { ApplicationFailureCategory } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  setCurrentDetails,
  TimeoutFailure,
  workflowInfo,
} from "@temporalio/workflow";
import type { QuestionRequest } from "../activities/light.ts";
import type { AskResult } from "../contracts/ask.ts";
import type { RankedQuestion } from "../core/serving/ranked.ts";
import { publishFacts } from "./facts.ts";
import { busy, lightHere, llm, MINUTE_MS, onQueryPool, query } from "./pools.ts";

/**
 * A question to an answer with citations: retrieve -> rerank -> threshold -> answer. The release is fixed at the
 * start, so that a promotion in between changes nothing. Where no passage is relevant enough, no LLM is called.
 */
export async function ask(raw: unknown): Promise<AskResult> {
  try {
    const request = await parse(raw);
    const { question, release, corpus, searchable } = request;
    const about = `**${question}**\n\nasked of release \`${release}\` of corpus ${corpus}`;
    setCurrentDetails(about);
    const result = await answer(request);
    setCurrentDetails(`${about}\n\n${result.kind}, ${result.citations.length} citations`);
    if (searchable) publishFacts(true, { corpus, release, outcome: result.kind });
    return result;
  } catch (error) {
    throw callersFailure(error) ?? error;
  }
}

/** In the worker that runs the workflow, which spares a way over the server. A question that waited a minute is refused. */
async function parse(raw: unknown): Promise<QuestionRequest> {
  if (Date.now() - workflowInfo().startTime.getTime() > MINUTE_MS) throw busy();
  return lightHere.parseQuestion(raw);
}

/** One visit to the query pool does all that needs no LLM. */
async function answer(request: QuestionRequest): Promise<AskResult> {
  const { question, corpus, passages } = request;
  const found = await onQueryPool(query.respond, "retrieve, rerank, answer", request);
  if (found.answer !== null) return found.answer;
  return answerByLlm({ question, corpus, passages, ranked: found.ranked }, found.model);
}

/** The LLM's answer, or the passages it would have read where it stays down. A refusal of the endpoint fails, with its hint. */
async function answerByLlm(asked: RankedQuestion, model: string): Promise<AskResult> {
  try {
    return await onQueryPool(llm.answer, `answer by ${model}`, asked);
  } catch (error) {
    const why = downReason(error);
    if (why === null) throw error;
    return onQueryPool(query.degrade, "the LLM stayed down", { ...asked, why });
  }
}

/** A failure that is up to whoever asked: told as it is, and no sign of a fault to those who watch failed workflows. */
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

function downReason(error: unknown): string | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return "it did not answer in time";
  return cause instanceof ApplicationFailure && cause.type === "LlmUnavailable" ? cause.message : null;
}
