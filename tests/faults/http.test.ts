import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import { chunk, fails, hangs, type Scripted, says, streams } from "../../core/llm/testing/scriptedLlm.ts";
import { eventsOf, type Received } from "../../http/testing/events.ts";
import type { Faults } from "./harness.ts";
import { ServedApi } from "./servedApi.ts";

const QUESTION = "what does a Job do?";
const PIECES = ["A Job creates pods ", "and retries them ", "until a given number ", "of them has ended well [1]."];
const ANSWER = PIECES.join("");

const api = new ServedApi();
const { llm, faults } = api;

beforeAll(() => api.open());
afterAll(() => api.close());

const url = (path: string) => `${api.url}${path}`;

function post(
  question: string,
  { accept = "application/json", signal }: { accept?: string; signal?: AbortSignal } = {},
) {
  const headers = { "content-type": "application/json", accept };
  return fetch(url("/v1/ask"), { method: "POST", headers, body: JSON.stringify({ question }), signal });
}

const stream = (question: string, signal?: AbortSignal) => post(question, { accept: "text/event-stream", signal });

async function all(response: Response): Promise<Received[]> {
  const received: Received[] = [];
  for await (const event of eventsOf(response)) received.push(event);
  return received;
}

const names = (received: Received[]) => received.map(({ event }) => event);

test("an answer has the id by which it is read again, word for word", async () => {
  llm.play(says(ANSWER));
  const response = await post(QUESTION);
  expect(response.status).toBe(200);
  const answer = (await response.json()) as IdentifiedAnswer;
  expect(answer).toMatchObject({ kind: "llm", answer: ANSWER, id: expect.stringMatching(/^ask-[0-9a-f]{20}$/) });
  expect(await (await fetch(url(`/v1/asks/${answer.id}`))).json()).toEqual(answer);
  expect(JSON.parse(llm.calls[0]!.body).stream).toBe(false);
  expect((await fetch(url("/v1/asks/ask-none"))).status).toBe(404);
  const pipeline = await faults.startPipeline({}, 0.01);
  expect((await fetch(url(`/v1/asks/${pipeline.workflowId}`))).status).toBe(404);
  await pipeline.cancel();
});

test("a stream gives the passages, then the text while it is written, then the recorded answer", async () => {
  llm.play(streams(PIECES, { pauseMs: 300 }));
  const response = await stream(QUESTION);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  const received = await all(response);
  const tokens = received.filter(({ event }) => event === "token");
  expect(names(received)).toEqual(["accepted", "passages", ...tokens.map(() => "token"), "answer"]);
  // Nothing else may come between two pieces that are 300 ms apart.
  expect(tokens.map(({ data }) => data.text)).toEqual(PIECES.map((piece, at) => (at === 0 ? "" : " ") + piece.trim()));
  const [{ data: accepted }, { data: passages }] = received as [Received, Received];
  const answer = received.at(-1)!.data;
  expect(answer).toMatchObject({ id: accepted.id, kind: "llm", answer: ANSWER });
  const { refusedBy: _, why: __, model: ___, ...found } = answer.receipt;
  expect(passages).toEqual(found);
  expect(await (await fetch(url(`/v1/asks/${accepted.id}`))).json()).toEqual(answer);
});

test("a new attempt of the LLM voids the tokens before", async () => {
  const breaks: Scripted = (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream" }).write(chunk("A Pod never "));
    setTimeout(() => reply.socket?.resetAndDestroy(), 400);
  };
  llm.play(breaks, streams(PIECES, { pauseMs: 200 }));
  const received = await all(await stream(QUESTION));
  const restart = received.findIndex(({ event }) => event === "restart");
  const text = (events: Received[]) => events.map(({ event, data }) => (event === "token" ? data.text : "")).join("");
  expect(text(received.slice(0, restart))).toBe("A Pod never");
  expect(text(received.slice(restart))).toBe(ANSWER);
  expect(received.at(-1)).toMatchObject({ event: "answer", data: { answer: ANSWER } });
});

test("a refusal comes with the reason, and calls no LLM", async () => {
  llm.play(says(ANSWER));
  const received = await all(await stream("how are tulips planted?"));
  expect(names(received)).toEqual(["accepted", "passages", "abstained"]);
  const why = "the search found no passage";
  expect(received[2]!.data).toMatchObject({ kind: "abstained", receipt: { refusedBy: "threshold", why } });
  expect(llm.calls).toEqual([]);
});

test("a page of Vercel's AI SDK shows the draft, and ends with the recorded answer and its receipt", async () => {
  llm.play(streams(PIECES, { pauseMs: 200 }));
  const stream = await new DefaultChatTransport({ api: url("/v1/ask?format=ai-sdk") }).sendMessages({
    ...{ chatId: "chat", trigger: "submit-message", messageId: undefined, abortSignal: undefined },
    messages: [{ id: "1", role: "user", parts: [{ type: "text", text: QUESTION }] }],
  });
  const drafts = new Set<string>();
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream })) {
    last = message;
    for (const part of message.parts) if (part.type === "reasoning") drafts.add(part.text);
  }
  expect([...drafts].at(-1)).toBe(ANSWER);
  expect(drafts.size).toBeGreaterThan(2);
  const texts = last!.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  expect(texts).toEqual([expect.stringMatching(/^A Job creates pods .* ended well \[1\]\.\n\n\*\*Sources/)]);
  const recorded = (await api.doors.stored(last!.id)) as IdentifiedAnswer;
  expect(last!.parts.find(({ type }) => type === "data-winnow")).toMatchObject({
    data: { id: recorded.id, kind: "llm", citations: recorded.citations },
  });
});

test("an LLM that refuses ends a stream with an error, and a question with its status", async () => {
  llm.play(fails(401));
  const received = await all(await stream(QUESTION));
  expect(received.at(-1)).toMatchObject({ event: "error", data: { code: "LlmRefused" } });
  const response = await post(QUESTION);
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "LlmRefused", requestId: expect.any(String) } });
});

test.each([
  ["a stream", "text/event-stream"],
  ["an answer", "application/json"],
])("a client that leaves before the end of %s cancels workflow and LLM call within 2 s", async (_, accept) => {
  let called = () => {};
  let closed = (_at: number) => {};
  const isCalled = new Promise<void>((settle) => {
    called = settle;
  });
  const closedAt = new Promise<number>((settle) => {
    closed = settle;
  });
  llm.play((reply) => {
    called();
    reply.on("close", () => closed(Date.now()));
    reply.writeHead(200, { "content-type": "text/event-stream" });
  });
  const client = await faults.client();
  const leave = new AbortController();
  const reading = post(QUESTION, { accept, signal: leave.signal }).then((response) => response.text());
  reading.catch(() => {});
  await isCalled;
  const left = Date.now();
  leave.abort();
  expect((await closedAt) - left).toBeLessThan(2000);
  const [last] = await lastAsks(client);
  await expect.poll(async () => (await client.workflow.getHandle(last!).describe()).status.name).toBe("CANCELLED");
});

test("one question more than may be under way is refused with the time to wait, and room comes free again", async () => {
  llm.play(hangs);
  const leave = new AbortController();
  const held = await Promise.all([stream(QUESTION, leave.signal), stream(QUESTION, leave.signal)]);
  for (const accept of ["application/json", "text/event-stream"]) {
    const refused = await post(QUESTION, { accept });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.json()).toMatchObject({ error: { code: "Busy", retryAfter: 5 } });
  }
  leave.abort();
  await Promise.all(held.map((response) => response.text().catch(() => {})));
  llm.play(says(ANSWER));
  await expect.poll(async () => (await post(QUESTION)).status).toBe(200);
});

// The last test: it takes the server away.
test("a server that is killed while a question is asked ends no stream, and refuses new questions until it is back", async () => {
  llm.play(streams(PIECES, { pauseMs: 1500 }));
  const response = await stream(QUESTION);
  const received: Received[] = [];
  let killed: Promise<void> | undefined;
  let meanwhile: Response | undefined;
  for await (const event of eventsOf(response)) {
    received.push(event);
    if (event.event !== "token" || killed) continue;
    killed = faults.killServer();
    await killed;
    meanwhile = await stream(QUESTION);
    await faults.startServer();
  }
  expect(meanwhile!.status).toBe(503);
  expect(await meanwhile!.json()).toMatchObject({ error: { code: "TemporalUnreachable", retryAfter: 5 } });
  expect(received.at(-1)).toMatchObject({ event: "answer", data: { answer: ANSWER } });
  llm.play(says(ANSWER));
  expect((await post(QUESTION)).status).toBe(200);
});

async function lastAsks(client: Awaited<ReturnType<Faults["client"]>>): Promise<string[]> {
  const ids: [number, string][] = [];
  for await (const { workflowId, startTime } of client.workflow.list({ query: 'WorkflowType = "ask"' }))
    ids.push([startTime.getTime(), workflowId]);
  return ids.sort(([a], [b]) => b - a).map(([, id]) => id);
}
