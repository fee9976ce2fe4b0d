import { ApplicationFailureCategory } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  patched,
  setCurrentDetails,
  TimeoutFailure,
  workflowInfo,
} from "@temporalio/workflow";
import type { AnswerInput } from "../activities/ask.ts";
import type { QuestionRequest } from "../activities/light.ts";
import type { AskResult } from "../contracts/ask.ts";
import { QUEUES } from "../contracts/names.ts";
import { publishFacts } from "./facts.ts";
import { busy, light, lightHere, llm, MINUTE_MS, onPool, onQueryPool, query } from "./pools.ts";

/** Questions begun before this took a visit to a worker for each step. */
const ONE_VISIT = "one-visit";

/**
 * A question to an answer with citations: retrieve -> rerank -> threshold -> answer. The release is fixed at the
 * start, so that a promotion in between changes nothing. Where no passage is relevant enough, no LLM is called.
 */
export async function ask(raw: unknown): Promise<AskResult> {
  try {
    return await visit(raw);
  } catch (error) {
    throw callersFailure(error) ?? error;
  }
}

async function visit(raw: unknown): Promise<AskResult> {
  const request = await parse(raw);
  const { question, release, corpus, searchable } = request;
  const about = `**${question}**\n\nasked of release \`${release}\` of corpus ${corpus}`;
  setCurrentDetails(about);
  const result = await answer(request);
  setCurrentDetails(`${about}\n\n${result.kind}, ${result.citations.length} citations`);
  // Questions begun before parseQuestion told this carry no facts.
  if (searchable) publishFacts(true, { corpus, release, outcome: result.kind });
  return result;
}

/** In the worker that runs the workflow, which spares a way over the server; refused where even that one came late. */
async function parse(raw: unknown): Promise<QuestionRequest> {
  if (!patched(ONE_VISIT)) return light.parseQuestion(raw);
  if (Date.now() - workflowInfo().startTime.getTime() > MINUTE_MS) throw busy();
  return lightHere.parseQuestion(raw);
}

async function answer(request: QuestionRequest): Promise<AskResult> {
  if (!patched(ONE_VISIT)) return answerInSteps(request);
  const { question, corpus, passages } = request;
  const found = await onQueryPool(query.respond, "retrieve, rerank, answer", request);
  if (found.answer !== null) return found.answer;
  return answerByLlm({ question, corpus, passages, ranked: found.ranked }, found.model);
}

async function answerInSteps({ question, release, corpus, k, passages }: QuestionRequest): Promise<AskResult> {
  const found = await onPool(QUEUES.query, query.retrieve, { summary: "retrieve" }, { release, question, k });
  const { candidates } = found;
  const ranked = await onPool(QUEUES.query, query.rerank, { summary: "rerank" }, { release, question, candidates });
  const asked = { question, corpus, passages, ranked };
  if (ranked.abstain) return onPool(QUEUES.query, query.abstain, { summary: "nothing is relevant enough" }, asked);
  if (found.model === null) return onPool(QUEUES.query, query.quote, { summary: "answer by quotation" }, asked);
  return answerByLlm(asked, found.model);
}

/** The LLM's answer; where it stays down, the passages it would have read. A refusal fails, with its hint. */
async function answerByLlm(asked: AnswerInput, model: string): Promise<AskResult> {
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
