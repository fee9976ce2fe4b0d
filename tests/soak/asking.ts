import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import { startAsk } from "../../client/ask.ts";
import { asWinnowError, resultOf } from "../../client/outcome.ts";
import { connectClient } from "../../client/temporal.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { messageOf, WinnowError } from "../../core/base/errors.ts";
import { root } from "../e2e/command.ts";
import type { Answers } from "./answers.ts";
import { type Clock, picked, secondsBetween } from "./clock.ts";
import { CORPUS, type Product } from "./product.ts";

/** Questions that the sample docs do not answer. */
const ELSEWHERE = ["how are tulips planted?", "which bus goes to the station?"];
/** Longest time that one question may take: queues, three attempts, and a server that starts again. */
const PATIENCE_MS = 6 * 60_000;
/**
 * Refusals after which a caller asks again; `ComputeCrashed` if each of the three attempts met a fault. Everything else is
 * a lost question.
 */
const AGAIN = new Set(["Busy", "TemporalUnreachable", "NoWorker", "ComputeCrashed", "cut off", "refused"]);

/** Asks one question. Throws an Error whose `code` says what happened, if there is no answer. */
type Way = (question: string) => Promise<AskResult>;

/** Three clients that ask without an end: through Temporal, and through the HTTP API as JSON and as a stream. */
export async function askAlways(
  clock: Clock,
  product: Product,
  answers: Answers,
  randomOf: (name: string) => () => number,
): Promise<void> {
  const lines = readFileSync(join(root, "samples", "questions.jsonl"), "utf8")
    .trim()
    .split("\n");
  const questions = [...lines.map((line) => (JSON.parse(line) as { query: string }).query), ...ELSEWHERE];
  const client = await connectClient(product.stack!.address, product.config);
  const ways: Record<string, Way> = {
    "through Temporal": (question) => throughTemporal(client, question),
    "as JSON": (question) => throughApi(product, question, "application/json"),
    "as a stream": (question) => throughApi(product, question, "text/event-stream"),
  };
  const asking = Object.entries(ways).map(async ([name, way]) => {
    const random = randomOf(name);
    const once = async () => {
      const question = picked(questions, random);
      const asked = Date.now();
      const outcome = await within(PATIENCE_MS, way(question)).catch((error) => codeOf(error));
      if (typeof outcome === "string") {
        clock.count(`question ${name}: ${outcome}`);
        if (!AGAIN.has(outcome.split(":")[0]!)) clock.fail(`question ${name}, ${JSON.stringify(question)}: ${outcome}`);
        return delay(1000);
      }
      clock.count(`question ${name}: answered`);
      answers.add({ question, asked, answered: Date.now(), result: outcome });
    };
    await clock.every(name, () => secondsBetween(random, 0.2, 1.5), once);
  });
  await Promise.all(asking);
  await client.connection.close();
}

async function throughTemporal(client: Client, question: string): Promise<AskResult> {
  const handle = await startAsk(client, question, { corpus: CORPUS });
  return resultOf<AskResult>(handle);
}

async function throughApi(product: Product, question: string, accept: string): Promise<AskResult> {
  const url = product.stack?.apiUrl;
  if (!url || !product.processes().api) throw coded("refused", "the API starts");
  const headers = { "content-type": "application/json", accept };
  const body = JSON.stringify({ question, corpus: CORPUS });
  const response = await fetch(`${url}/v1/ask`, { method: "POST", headers, body }).catch((error) => {
    throw coded("refused", String(error.cause ?? error));
  });
  const text = await response.text().catch((error) => {
    throw coded("cut off", String(error.cause ?? error));
  });
  if (accept === "application/json") return read<IdentifiedAnswer>(text);
  const last = text.trim().split("\n\n").at(-1) ?? "";
  const [, event] = /^event: (\w+)$/m.exec(last) ?? [];
  const data = last.split("\n").filter((line) => line.startsWith("data: "));
  if (!response.ok || event === undefined) return read(text);
  if (event === "answer" || event === "abstained" || event === "error")
    return read(data.map((line) => line.slice(6)).join("\n"));
  throw coded("cut off", `the last event is ${event}`);
}

/** The answer in a body. Throws an Error with the code of a failure. */
function read<A extends AskResult>(text: string): A {
  let value: Partial<A> & { code?: string; message?: string; error?: { code: string; message: string } };
  try {
    value = JSON.parse(text);
  } catch {
    throw coded("cut off", text.slice(0, 200));
  }
  const failure = value.error ?? (value.code ? { code: value.code, message: value.message ?? "" } : null);
  if (failure) throw coded(failure.code, failure.message);
  return value as A;
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The code of what went wrong, with its message unless a caller may simply ask again. */
function codeOf(thrown: unknown): string {
  const error = asWinnowError(thrown);
  const type = (error as { cause?: { cause?: { type?: string } } }).cause?.cause?.type;
  const code =
    error instanceof WinnowError ? error.code : String((error as { code?: unknown }).code ?? type ?? "Error");
  return AGAIN.has(code) ? code : `${code}: ${messageOf(error)}`;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  try {
    const patience = delay(ms, undefined, { signal: late.signal }).then(() => {
      throw coded("lost", `no answer within ${ms / 60_000} minutes`);
    });
    return await Promise.race([work, patience]);
  } finally {
    late.abort();
  }
}
