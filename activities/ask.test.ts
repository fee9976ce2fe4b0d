import { MockActivityEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MODES } from "../core/answering/modes/index.ts";
import { type Llm, openLlm } from "../core/llm/llm.ts";
import { hangs, ScriptedLlm, says, streams } from "../core/llm/testing/scriptedLlm.ts";
import type { FinishedQuestion } from "../core/records/answerKeeper.ts";
import type { Engine } from "../core/serving/engine.ts";
import { createEnginePool, type EngineService } from "../core/serving/enginePool.ts";
import type { RankedQuestion } from "../core/serving/ranked.ts";
import { engine } from "../core/serving/testing/engineFixture.ts";
import { createTurns } from "../core/serving/turns.ts";
import type { Release } from "../core/storage/releases.ts";
import { createAskActivities } from "./ask.ts";

const REQUEST = { question: "b", release: "r1", corpus: "docs", k: 30, passages: 4, stream: false, searchable: true };
const server = new ScriptedLlm();
let llm: Llm;
let requests: string[] = [];
let kept: FinishedQuestion[] = [];

beforeAll(async () => {
  llm = openLlm({ baseUrl: await server.listen(), model: "tiny" });
});
beforeEach(() => {
  requests = [];
  kept = [];
});
afterAll(() => server.end());

const release = (id: string) => ({ id, manifest: { corpus: "docs" } }) as Release;
const run = <R>(work: () => Promise<R>, environment = new MockActivityEnvironment()): Promise<R> =>
  environment.run(work);

/** The engine of a release in this process. It records the requests that would cross to a child process. */
async function open(): Promise<EngineService> {
  const served = engine("reranked", { a: 0, b: 3, c: 1 }) as unknown as Record<
    string,
    (...params: unknown[]) => unknown
  >;
  const request = async (method: keyof Engine, ...params: unknown[]) => {
    requests.push(method);
    return structuredClone(await served[method]!(...params));
  };
  return { request: request as EngineService["request"], alive: () => true, close: async () => {} };
}

const keeper = { keep: async (finished: FinishedQuestion) => void kept.push(finished) };

function activities(own: Llm | null, engines = createEnginePool(open), waiting = 8) {
  const releases = { read: async (id: string) => release(id) };
  return createAskActivities({ releases, engines, llm: own, turns: createTurns({ atOnce: 1, waiting }), keeper });
}

/** Candidates for the LLM to answer from. */
async function left(): Promise<RankedQuestion> {
  const response = await run(() => activities(llm).respond(REQUEST));
  requests = [];
  if (response.answer !== null) throw new Error("the model was to answer");
  expect(response).toMatchObject({ model: "tiny", seconds: { retrieve: expect.any(Number) } });
  return { question: REQUEST.question, corpus: "docs", passages: 4, ranked: response.ranked };
}

test("without an LLM a question is answered by one request to its engine", async () => {
  const { answer, seconds } = await run(() => activities(null).respond(REQUEST));
  expect(answer).toMatchObject({ kind: "extractive", answer: "b [1]" });
  expect(Object.keys(seconds)).toEqual(["retrieve", "rerank", "quote"]);
  expect(requests).toEqual(["answer"]);
  expect(kept).toEqual([{ id: "test", at: new Date(1).toISOString(), question: "b", result: answer }]);
});

test("a demonstration leaves no record", async () => {
  const workflowExecution = { workflowId: "ask-demo-1", runId: "r" };
  const environment = new MockActivityEnvironment({ workflowExecution });
  await run(() => activities(null).respond(REQUEST), environment);
  expect(kept).toEqual([]);
});

test("with an LLM, its passages need one more request", async () => {
  const question = await left();
  server.play(says("b [1]."));
  const answer = await run(() => activities(llm).answer(question));
  expect(answer).toMatchObject({ kind: "llm", citations: [{ page: "b.md", quote: "b" }], receipt: { model: "tiny" } });
  expect(requests).toEqual(["asked"]);
  expect(server.calls).toHaveLength(1);
  expect(kept).toMatchObject([{ id: "test", question: "b", result: answer }]);
});

test("an answer that is followed sends its text by heartbeat as it arrives; another one sends none", async () => {
  const question = await left();
  const beatsOf = async (stream: boolean) => {
    const environment = new MockActivityEnvironment({ attempt: 3 });
    const beats: { text?: string; attempt?: number }[] = [];
    environment.on("heartbeat", (beat) => beats.push(beat));
    const answer = await run(() => activities(llm).answer({ ...question, stream }), environment);
    expect(answer).toMatchObject({ kind: "llm" });
    return beats;
  };
  server.play(streams(["b ", "or ", "not ", "[1]."], { pauseMs: 150 }));
  const followed = await beatsOf(true);
  expect(followed.every(({ attempt }) => attempt === 3)).toBe(true);
  expect([...new Set(followed.map(({ text }) => text))]).toEqual(["", "b", "b or", "b or not", "b or not [1]."]);
  server.play(says("b [1]."));
  expect(await beatsOf(false)).toEqual([{ stage: "ask", step: 0, of: 0 }]);
  expect(JSON.parse(server.calls[0]!.body).stream).toBe(false);
});

test("a worker without an LLM quotes from another worker's candidates", async () => {
  const question = await left();
  expect(await run(() => activities(null).answer(question))).toMatchObject({ kind: "extractive", answer: "b [1]" });
});

test("after the LLM stayed down, the passages are returned with the reason and the failed model", async () => {
  const question = await left();
  const degraded = await run(() => activities(llm).degrade({ ...question, why: "it answered 503" }));
  expect(degraded).toMatchObject({ kind: "degraded", receipt: { model: "tiny" } });
  expect(degraded.answer).toContain("it answered 503");
  expect(kept).toMatchObject([{ result: degraded }]);
  expect(requests).toEqual(["asked"]);
});

test("while the LLM writes, the engine is free for another release; a cancelled question ends", async () => {
  const question = await left();
  const engines = createEnginePool(open, 1);
  const environment = new MockActivityEnvironment();
  server.play(hangs);
  const answer = run(() => activities(llm, engines).answer(question), environment);
  await expect.poll(() => server.calls.length).toBe(1);
  expect(await engines.use(release("r2"), async () => "lent")).toBe("lent");
  environment.cancel();
  await expect(answer).rejects.toMatchObject({ code: "Cancelled" });
});

test("when too many questions wait, the next is refused with a retry time", async () => {
  const { respond } = activities(null, createEnginePool(open), 0);
  const ends = await Promise.allSettled([1, 2].map(() => run(() => respond(REQUEST))));
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(ends[1]).toMatchObject({ reason: { code: "Busy", retryAfterMs: 1000 } });
});

test("the modes that run as activities are measured under their names", () => {
  expect(Object.keys(activities(llm))).toEqual(["respond", MODES.llm.step, MODES.degraded.step]);
});
