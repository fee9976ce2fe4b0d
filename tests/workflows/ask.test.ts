import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toFailure } from "../../activities/failures.ts";
import { describeFailure } from "../../cli/failure.ts";
import { rootCause } from "../../client/outcome.ts";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { startTestServer } from "../server.ts";
import { RELEASE, type Stage, stage, unavailable, withWorkers, workflowId } from "./stubs.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function ask(play: Stage, input: unknown = { question: "how do I run a job?" }): Promise<AskResult> {
  const options = { workflowId: workflowId("ask"), taskQueue: QUEUES.main, args: [input] };
  return withWorkers(env, play, () => env.client.workflow.execute(WORKFLOWS.ask, options) as Promise<AskResult>);
}

async function failureOf(asked: Promise<unknown>): Promise<Error> {
  return rootCause(await asked.catch((thrown) => thrown)) as Error;
}

test("retrieves, reranks, and answers by quotation without an LLM", async () => {
  const play = stage();
  const result = await ask(play);
  expect(play.calls).toEqual(["respond", "extractive"]);
  expect(result.receipt).toMatchObject({ release: RELEASE, corpus: "sample" });
});

test.each([
  ["{}", {}, /question: /],
  ["an empty question", { question: "" }, /question: the question is empty/],
  ["a question of white space", { question: " \n\t" }, /question: the question is empty/],
  ["a number", { question: 7 }, /question: .*string/],
  ["50,000 characters", { question: "x".repeat(50_000) }, /question: a question is at most 10,000 characters/],
  ["k of 1000", { question: "what is a pod?", k: 1000 }, /k: /],
  [
    "an endpoint of its own",
    { question: "what is a pod?", model: "gpt", baseUrl: "http://169.254.169.254" },
    /Unrecognized keys: "model", "baseUrl"/,
  ],
  ["a string", "what is a pod?", /input: .*object/],
  ["null", null, /question: /],
])("%s fails once, by the field", async (_name, input, message) => {
  const play = stage();
  const failure = await failureOf(ask(play, input));
  expect(failure).toMatchObject({ type: "BadInput", message: expect.stringMatching(message) });
  expect(failure.message.length).toBeLessThan(1000);
  expect(play.calls).toEqual([]);
});

test("a question of 100 KB is refused by its field, once", async () => {
  const play = stage();
  const failure = await failureOf(ask(play, { question: "x".repeat(100_000) }));
  expect(failure).toMatchObject({
    type: "BadInput",
    message: "question: a question is at most 10,000 characters",
  });
  expect(play.calls).toEqual([]);
});

test.each([
  ["German", "Wie lösche ich einen Pod?"],
  ["Japanese", "ポッドを削除する方法は?"],
  ["Arabic, right to left", "كيف أحذف الحاوية؟"],
  ["emoji and a lone surrogate", "🦀 \ud800 what is a pod?"],
])("a question in %s reaches retrieval unchanged", async (_, question) => {
  const play = stage();
  const asked: unknown[] = [];
  play.during.extractive = (input) => void asked.push((input as { question: string }).question);
  await ask(play, { question });
  expect(asked).toEqual([question]);
});

test("answers by the LLM if one is configured", async () => {
  const play = stage({ model: "qwen" });
  expect(await ask(play)).toMatchObject({ kind: "llm" });
  expect(play.calls).toEqual(["respond", "llm"]);
});

test("abstains without calling the LLM if nothing is relevant enough", async () => {
  const play = stage({ model: "qwen", abstain: true });
  expect(await ask(play)).toMatchObject({ kind: "abstained" });
  expect(play.calls).toEqual(["respond", "abstained"]);
});

test("returns the passages, flagged, after four failed attempts of the LLM", async () => {
  const play = stage({ model: "qwen" });
  let why: unknown;
  play.during.llm = () => {
    throw unavailable("the LLM answered 503");
  };
  play.during.degraded = (input) => {
    ({ why } = input as { why: string });
  };
  expect(await ask(play)).toMatchObject({ kind: "degraded" });
  expect(play.calls.filter((call) => call === "llm")).toHaveLength(4);
  expect(why).toBe("the LLM answered 503");
});

test("waits as long as the endpoint requested before the next attempt", async () => {
  const play = stage({ model: "qwen" });
  const times: number[] = [];
  play.during.llm = () => {
    times.push(Date.now());
    if (times.length > 1) return;
    throw ApplicationFailure.create({ message: "429", type: "LlmUnavailable", nextRetryDelay: "2 seconds" });
  };
  expect(await ask(play)).toMatchObject({ kind: "llm" });
  expect(times[1]! - times[0]!).toBeGreaterThan(1900);
});

test("fails once, with the hint, if the endpoint refuses", async () => {
  const play = stage({ model: "qwen" });
  play.during.llm = () => {
    throw ApplicationFailure.nonRetryable("401: check the key (WINNOW_LLM_API_KEY)", "LlmRefused");
  };
  expect((await failureOf(ask(play))).message).toMatch(/check the key/);
  expect(play.calls.filter((call) => call === "llm")).toHaveLength(1);
});

test("a busy worker fails the question once, with a retry time", async () => {
  const play = stage();
  play.during.respond = () => {
    throw toFailure(new WinnowError("Busy", "Busy: 32 questions are already waiting. Try again in 7 s."));
  };
  const failure = await failureOf(ask(play));
  expect(failure).toMatchObject({ type: "Busy", message: expect.stringContaining("Try again in 7 s") });
  expect(describeFailure(failure)).toMatchObject({ code: 4, name: "Busy" });
  expect(play.calls).toEqual(["respond"]);
});

test.each([
  ["no question", {}, /question: /],
  ["an empty question", { question: "   " }, /question: the question is empty/],
  ["a long question", { question: "x".repeat(10_001) }, /at most 10,000 characters/],
  ["an endless question", { question: "x".repeat(100_000) }, /^question: a question is at most 10,000 characters$/],
  ["an unknown key", { question: "why?", realease: RELEASE }, /Unrecognized key: "realease"/],
  ["an unknown release", { question: "why?", release: "ffff" }, /ffff matches no release/],
  ["a corpus without release", { question: "why?", corpus: "nothing" }, /No release of corpus nothing/],
])("%s fails once with the reason", async (_, input, message) => {
  const play = stage();
  expect((await failureOf(ask(play, input))).message).toMatch(message);
  expect(play.calls).toEqual([]);
});

test("an answer too large for Temporal is refused, not retried", async () => {
  const play = stage();
  let attempts = 0;
  play.during.respond = () => {
    attempts++;
  };
  const big = { ...stage(), ...play } as Stage;
  big.during.extractive = (input) => {
    (input as { corpus: string }).corpus = "x".repeat(70_000);
  };
  expect(await failureOf(ask(big))).toMatchObject({ type: "PayloadTooLarge" });
  expect(attempts).toBe(1);
});

test("without a query worker, the failure names the pool to start", async () => {
  // A separate server: query workers of earlier tests still count as pollers for a while.
  const alone = await startTestServer();
  try {
    const options = { workflowId: workflowId("ask"), taskQueue: QUEUES.main, args: [{ question: "why?" }] };
    const asked = () => alone.client.workflow.execute(WORKFLOWS.ask, options);
    const failure = await failureOf(withWorkers(alone, stage(), asked, [QUEUES.main, QUEUES.cpu, QUEUES.gpu]));
    expect(failure.message).toMatch(/No worker polls winnow-query\. Start the query pool/);
  } finally {
    await alone.teardown();
  }
});
