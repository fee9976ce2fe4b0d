import type { Client } from "@temporalio/client";
import type { AskResult, Receipt } from "../contracts/ask.ts";
import { type AnswerKind, DEMO_PREFIX, WORKFLOWS } from "../contracts/names.ts";
import type { AnswerRecord, ListedAnswers } from "../contracts/records.ts";
import { messageOf } from "../core/base/errors.ts";
import { inBatches } from "../core/base/inBatches.ts";
import { normalisedQuestion } from "../core/records/answers.ts";
import { isOutage } from "../core/storage/storage.ts";
import { jsonOf } from "./payloads.ts";
import { listAnswers, type RecordPlaces } from "./records.ts";
import { withServerIfAny } from "./server.ts";
import type { StackSettings } from "./settings.ts";

/** Outcomes without a sure answer. */
export const UNANSWERED: readonly AnswerKind[] = ["abstained", "unsure"];

export interface AskedOptions {
  /** Only questions that were refused, or that Winnow was not sure to answer. */
  refused?: boolean;
  corpus?: string;
  /** Newest workflows to read. */
  limit?: number;
}

/** A question as users asked it. Questions that differ only in case and white space are one. */
export interface AskedQuestion {
  question: string;
  /** Number of times it was asked. */
  count: number;
  /** Start of the last time, as ISO time. */
  last: string;
  /** Outcome of the last time. */
  kind: AskResult["kind"];
  corpus: string;
  release: string;
  /** First source of the answer; for a refusal, the closest passage. Null if nothing was found. */
  closest: { page: string; heading: string[]; url: string } | null;
  /** Pages of the passages that the answer could use. */
  pages: string[];
  /** The last workflow. */
  workflowId: string;
}

export interface AskedQuestions {
  /** The most frequent first, then the latest. */
  questions: AskedQuestion[];
  /** Workflows that were read. */
  read: number;
  /** Those of them that Temporal keeps encrypted with a key that is not set here. */
  hidden: number;
  /** Records that cannot be read, of whatever corpus and outcome; Temporal may still keep some of these questions. */
  unreadable: number;
  /** Records of questions that Temporal does not keep any more, and whose text was not kept. */
  textless: number;
  /** True if `limit` left out older ones. */
  more: boolean;
  /** Why no record could be read; absent if they were. */
  unread?: string;
}

const LIMIT = 500;
const AT_ONCE = 8;
const PAGE = 200;
/** gRPC status of a query that names a search attribute which the server lacks. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const NO_RECORDS: ListedAnswers = { answers: [], hidden: 0, more: false };

interface Execution {
  workflowId: string;
  runId: string;
  at: string;
}

/**
 * Questions that users asked, without the demonstrations of `npm start`: those that Temporal still keeps, and older ones
 * from their records, if `WINNOW_KEEP_QUESTIONS` kept their text. Without a server it reads records alone, and with one a
 * store that is down hides only those. Throws what the server refuses, and without a server StorageFailed, StoreUnavailable.
 *
 * @example
 * const { questions } = await allAskedQuestions(config, { refused: true, corpus: "k8s" });
 */
export async function allAskedQuestions(
  config: StackSettings & RecordPlaces,
  options: AskedOptions = {},
): Promise<AskedQuestions> {
  const { refused = false, corpus, limit = LIMIT } = options;
  return withServerIfAny(config, async (client) => {
    const kinds = refused ? UNANSWERED : undefined;
    const records = await listAnswers(config, { corpus, kinds, limit }).catch((error) => {
      if (client === null || !isOutage(error)) throw error;
      return messageOf(error);
    });
    if (typeof records !== "string") return askedQuestions(client, options, records);
    return { ...(await askedQuestions(client, options)), unread: records };
  });
}

/**
 * Questions that Temporal still keeps, and those of these records that it does not. Texts are read from the workflows'
 * histories, with the client's payload keys. Throws what the server refuses.
 */
export async function askedQuestions(
  client: Client | null,
  { refused = false, corpus, limit = LIMIT }: AskedOptions = {},
  records: ListedAnswers = NO_RECORDS,
): Promise<AskedQuestions> {
  const { executions, more } = client
    ? await completedAsks(client, { refused, corpus, limit })
    : { executions: [], more: false };
  const known = new Set(executions.map(({ workflowId }) => workflowId));
  const forgotten = records.answers.filter(({ id }) => !known.has(id)).slice(0, limit - executions.length);
  const asked = await inBatches(executions, (execution) => readAsk(client!, execution), AT_ONCE);
  const wanted = asked
    .filter((one) => one !== null && one !== "hidden")
    .filter((one) => (!refused || UNANSWERED.includes(one.kind)) && (corpus === undefined || one.corpus === corpus));
  const kept = forgotten.flatMap((record) => askedOf(record) ?? []);
  return {
    questions: grouped([...wanted, ...kept]),
    read: executions.length + forgotten.length,
    hidden: asked.filter((one) => one === "hidden").length,
    unreadable: records.hidden,
    textless: forgotten.length - kept.length,
    more: more || records.more,
  };
}

/** Text of the question of a workflow; null if Temporal does not keep it, or it is encrypted with another key. */
export async function askedText(client: Client, workflowId: string): Promise<string | null> {
  try {
    const asked = await readAsk(client, { workflowId, runId: "", at: "" });
    return asked === null || asked === "hidden" ? null : asked.question;
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return null;
    throw error;
  }
}

/** The question of a record; null if its text was not kept. */
function askedOf({ id, at, question, ...answer }: AnswerRecord): AskedQuestion | null {
  return question === null ? null : describedAsk(question, answer, { workflowId: id, at });
}

/** The newest completed questions. A server without Winnow's search attributes lists those of all corpora and outcomes. */
async function completedAsks(client: Client, options: AskedOptions & { limit: number }) {
  const every = `WorkflowType = "${WORKFLOWS.ask}" AND ExecutionStatus = "Completed"`;
  const outcome = options.refused
    ? ` AND WinnowOutcome IN (${UNANSWERED.map((kind) => JSON.stringify(kind)).join(", ")})`
    : "";
  const corpus = options.corpus === undefined ? "" : ` AND WinnowCorpus = ${JSON.stringify(options.corpus)}`;
  try {
    return await listed(client, `${every}${outcome}${corpus}`, options.limit);
  } catch (error) {
    if ((error as { code?: unknown }).code !== INVALID_ARGUMENT) throw error;
    return listed(client, every, options.limit);
  }
}

async function listed(
  client: Client,
  query: string,
  limit: number,
): Promise<{ executions: Execution[]; more: boolean }> {
  const executions: Execution[] = [];
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | undefined;
  do {
    // The raw call: it lists memos that cannot be decrypted here, too.
    const page = await client.workflowService.listWorkflowExecutions({
      namespace,
      query,
      pageSize: PAGE,
      nextPageToken,
    });
    for (const { execution, startTime } of page.executions ?? []) {
      const { workflowId, runId } = execution ?? {};
      if (!workflowId || !runId || workflowId.startsWith(DEMO_PREFIX)) continue;
      if (executions.length >= limit) return { executions, more: true };
      executions.push({ workflowId, runId, at: new Date(Number(startTime?.seconds ?? 0) * 1000).toISOString() });
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return { executions, more: false };
}

/** The question and its outcome; null for a history that has been removed meanwhile. */
async function readAsk(client: Client, { workflowId, runId, at }: Execution): Promise<AskedQuestion | "hidden" | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
  });
  const events = history?.events ?? [];
  const [given] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const [returned] = events.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  if (!given || !returned) return null;
  const [input, result] = (await Promise.all([given, returned].map((payload) => jsonOf(client, payload)))) as [
    { question: string }?,
    AskResult?,
  ];
  if (!input || !result) return "hidden";
  return describedAsk(input.question, result, { workflowId, at });
}

function describedAsk(
  question: string,
  { kind, receipt, citations, closest }: Pick<AskResult, "kind" | "receipt" | "citations" | "closest">,
  { workflowId, at }: Pick<Execution, "workflowId" | "at">,
): AskedQuestion {
  const nearest = kind === "abstained" ? closest[0] : citations[0];
  return {
    question: question.trim(),
    count: 1,
    last: at,
    kind,
    corpus: receipt.corpus,
    release: receipt.release,
    closest: nearest ? { page: nearest.page, heading: nearest.heading, url: nearest.url } : null,
    pages: usedPages(receipt),
    workflowId,
  };
}

/** Pages of the passages that an answer could use. */
export function usedPages({ candidates }: Receipt): string[] {
  return [...new Set(candidates.filter(({ dropped }) => dropped === null).map(({ page }) => page))];
}

function grouped(asked: readonly AskedQuestion[]): AskedQuestion[] {
  const groups = new Map<string, AskedQuestion>();
  for (const one of asked) {
    const key = `${one.corpus}\n${normalisedQuestion(one.question)}`;
    const known = groups.get(key);
    const latest = known && known.last >= one.last ? known : one;
    groups.set(key, { ...latest, count: (known?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.last < b.last ? 1 : -1));
}
