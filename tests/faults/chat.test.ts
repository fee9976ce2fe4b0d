import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatExtension } from "../../contracts/chat.ts";
import { fails, hangs, type Scripted, says, streams } from "../../core/llm/testing/scriptedLlm.ts";
import { elements } from "../../http/testing/html.ts";
import { ServedApi } from "./servedApi.ts";

// OpenAI's own client against the server, with a workflow behind each answer.

const QUESTION = { role: "user" as const, content: "what does a Job do?" };
const PIECES = ["A Job creates pods ", "and retries them ", "until a given number ", "of them has ended well [1]."];

const api = new ServedApi();
const { llm, faults } = api;
let openai: OpenAI;

beforeAll(async () => {
  await api.open({ withLlm: true });
  openai = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: "any", maxRetries: 0 });
});
afterAll(() => api.close());

/** The questions that workflows have answered or are answering. */
async function asks(): Promise<number> {
  const client = await faults.client();
  const { count } = await client.workflow.count('WorkflowType = "ask"');
  return count;
}

test("an answer has the id, the sources and the receipt of its workflow", async () => {
  llm.play(says(PIECES.join("")));
  const [model] = (await openai.models.list()).data;
  const completion = await openai.chat.completions.create({ model: model!.id, messages: [QUESTION], store: true });
  const [choice] = completion.choices;
  expect(choice).toMatchObject({ finish_reason: "stop", message: { role: "assistant", refusal: null } });
  expect(choice!.message.content).toMatch(/^A Job creates pods .* ended well \[1\]\.\n\n\*\*Sources\*\*\n\n1\. Jobs/);
  expect(choice!.message.annotations).toMatchObject([{ type: "url_citation", url_citation: { title: "Jobs" } }]);
  const { winnow } = completion as typeof completion & { winnow: ChatExtension };
  expect(completion.id).toBe(`chatcmpl-${winnow.id}`);
  expect(await api.doors.stored(winnow.id)).toMatchObject({ kind: "llm", receipt: { release: winnow.release } });
});

test("a stream shows the draft while it is written, then the answer that was checked", async () => {
  llm.play(streams(PIECES, { pauseMs: 200 }));
  const stream = await openai.chat.completions.create({
    ...{ model: "winnow", messages: [QUESTION], stream: true, stream_options: { include_usage: true } },
  });
  const seen = { draft: "", content: "", ids: new Set<string>(), finish: [] as unknown[], usage: 0 };
  for await (const { id, choices, usage } of stream) {
    const [choice] = choices;
    const delta = choice?.delta as { content?: string; reasoning_content?: string } | undefined;
    seen.ids.add(id);
    seen.draft += delta?.reasoning_content ?? "";
    seen.content += delta?.content ?? "";
    if (choice?.finish_reason) seen.finish.push(choice.finish_reason);
    seen.usage += usage?.total_tokens ?? 0;
  }
  expect(seen.draft).toBe(PIECES.join(""));
  expect(seen.content).toMatch(/^A Job creates pods .* ended well \[1\]\.\n\n\*\*Sources\*\*/);
  expect([seen.ids.size, seen.finish]).toEqual([1, ["stop"]]);
  expect(seen.usage).toBeGreaterThan(10);
});

test("openai's own accumulation of a stream ends in the same message", async () => {
  llm.play(streams(PIECES));
  const runner = openai.chat.completions.stream({ model: "winnow", messages: [QUESTION] });
  expect(await runner.finalContent()).toMatch(/ended well \[1\]\.\n\n\*\*Sources\*\*/);
});

test("a refusal is ordinary content", async () => {
  const messages = [{ role: "user" as const, content: "how are tulips planted?" }];
  const { choices } = await openai.chat.completions.create({ model: "winnow", messages });
  expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { refusal: null } });
  expect(choices[0]!.message.content).toMatch(/do not seem to answer .*\n\nWhy: the search found no passage\./s);
});

test("a title is written by the LLM, and is no question", async () => {
  llm.play(says('{"title":"Jobs"}'));
  const before = await asks();
  const content =
    '### Task:\nGenerate a title.\n### Output:\nJSON format: { "title": "..." }\n<chat_history>\nUSER: jobs\n</chat_history>';
  const { choices } = await openai.chat.completions.create({ model: "winnow", messages: [{ role: "user", content }] });
  expect(choices[0]!.message.content).toBe('{"title":"Jobs"}');
  expect(await asks()).toBe(before);
});

test("an LLM that refuses is an error with a status, and in a stream one that the client throws", async () => {
  llm.play(fails(401));
  await expect(openai.chat.completions.create({ model: "winnow", messages: [QUESTION] })).rejects.toMatchObject({
    ...{ status: 502, code: "LlmRefused" },
  });
  const late: Scripted = (reply) => void setTimeout(() => reply.writeHead(401).end(), 1500);
  llm.play(late);
  const stream = await openai.chat.completions.create({ model: "winnow", messages: [QUESTION], stream: true });
  const read = async () => {
    for await (const _ of stream);
  };
  await expect(read()).rejects.toMatchObject({ code: "LlmRefused" });
});

test("a client that leaves a stream ends the LLM's call within 2 s", async () => {
  const closed = new Promise<number>((settle) => {
    llm.play((reply) => {
      reply.on("close", () => settle(Date.now()));
      reply.writeHead(200, { "content-type": "text/event-stream" });
    });
  });
  const stream = await openai.chat.completions.create({ model: "winnow", messages: [QUESTION], stream: true });
  await expect.poll(() => llm.calls.length).toBe(1);
  const left = Date.now();
  stream.controller.abort();
  expect((await closed) - left).toBeLessThan(2000);
});

test("a reader without script gets the recorded answer, its receipt with the question, and leaves a vote", async () => {
  llm.play(says(PIECES.join("")));
  const read = async (path: string) => (await fetch(`${api.url}${path}`, { headers: { accept: "text/html" } })).text();
  const page = await read(`/?q=${encodeURIComponent(QUESTION.content)}`);
  expect(elements(page, "article", "answer")[0]!.text).toContain("of them has ended well [1].");
  const receipt = elements(page, "a").find(({ attributes }) => attributes.href?.startsWith("/asks/"))!.attributes.href!;
  const shown = await read(receipt);
  expect(elements(shown, "p", "question")[0]!.text).toBe(QUESTION.content);
  expect(elements(shown, "mark").map(({ text }) => text)).not.toEqual([]);
  const headers = { origin: api.url, "content-type": "application/x-www-form-urlencoded" };
  const vote = await fetch(`${api.url}${receipt}`, { method: "POST", headers, body: "vote=up", redirect: "manual" });
  expect(vote.status).toBe(303);
  expect(await api.doors.votes(receipt.slice("/asks/".length))).toMatchObject([{ vote: "up", state: "undecided" }]);
});

test("a reader who closes the page before its answer cancels the question", async () => {
  llm.play(hangs);
  const leave = new AbortController();
  const page = await fetch(`${api.url}/?q=${encodeURIComponent(QUESTION.content)}`, { signal: leave.signal });
  await expect.poll(() => llm.calls.length).toBe(1);
  expect(page.status).toBe(200);
  leave.abort();
  const client = await faults.client();
  const running = async () =>
    (await client.workflow.count('WorkflowType = "ask" AND ExecutionStatus = "Running"')).count;
  await expect.poll(running, { timeout: 10_000 }).toBe(0);
});
