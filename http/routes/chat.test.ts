import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AskEvent } from "../../contracts/askEvents.ts";
import type { ChatReply } from "../../contracts/chat.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { abstention, answerOf, citation } from "../testing/answers.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

const PATH = "/v1/chat/completions";
const ANSWER = answerOf("A Job creates pods [1].", [citation("Jobs", "https://docs.test/jobs")]);
const TEXT =
  "A Job creates pods [1](https://docs.test/jobs).\n\n**Sources**\n\n1. [Jobs](https://docs.test/jobs) (`page.md`, lines 3-9)";
const TITLE_TASK =
  '### Task:\nGenerate a title.\n### Output:\nJSON format: { "title": "your title" }\n### Chat History:\n<chat_history>\nUSER: what does a Job do?\n</chat_history>';

const accepted: AskEvent = { event: "accepted", data: { id: "ask-1" } };
const answered: AskEvent = { event: "answer", data: ANSWER };
const token = (text: string): AskEvent => ({ event: "token", data: { text } });
const user = (content: unknown) => ({ role: "user", content });

let server: LocalServer;
beforeAll(async () => {
  server = await localServer();
});
afterAll(() => server.end());
beforeEach(() => {
  server.asked.length = 0;
  plays(accepted, answered);
});

function plays(...events: (AskEvent | Error)[]): void {
  server.script = async function* () {
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield event;
    }
  };
}

const chat = (body: object) => server.post(PATH, { model: "winnow", messages: [user("what does a Job do?")], ...body });

async function chunks(body: object) {
  const text = await (await chat({ stream: true, ...body })).text();
  const data = text.split("\n\n").flatMap((block) => (block.startsWith("data: ") ? [block.slice(6)] : []));
  return { last: data.at(-1), chunks: data.filter((each) => each !== "[DONE]").map((each) => JSON.parse(each)) };
}

describe("a chat completion", () => {
  it("has OpenAI's shape, with sources as text, as annotations and in Winnow's own fields", async () => {
    const body = (await (await chat({})).json()) as ChatReply;
    const { choices, usage, winnow, ...head } = body;
    expect(head).toEqual({
      ...{ id: "chatcmpl-ask-1", object: "chat.completion", model: "winnow" },
      created: expect.closeTo(Date.now() / 1000, -2),
    });
    expect(choices).toEqual([
      {
        ...{ index: 0, logprobs: null, finish_reason: "stop" },
        message: {
          ...{ role: "assistant", content: TEXT, refusal: null },
          annotations: [expect.objectContaining({ type: "url_citation" })],
        },
      },
    ]);
    const completion_tokens = Math.ceil(TEXT.length / 4);
    expect(usage).toEqual({ prompt_tokens: 5, completion_tokens, total_tokens: 5 + completion_tokens });
    expect(winnow).toMatchObject({ id: "ask-1", question: "what does a Job do?", kind: "llm", relevance: 0.91 });
  });

  it("asks the last user message, with the words of earlier ones that it leaves out", async () => {
    const messages = [
      { role: "system", content: "You are a pirate." },
      user("How do I drain a node?"),
      { role: "assistant", content: "kubectl drain", tool_calls: null },
      user([
        { type: "text", text: "what about the volumes?" },
        { type: "image_url", image_url: { url: "data:" } },
      ]),
    ];
    const fields = { store: true, metadata: {}, tools: [], temperature: 0.3, max_completion_tokens: 9, n: 1 };
    const { winnow } = (await (await chat({ messages, ...fields })).json()) as ChatReply;
    expect(server.asked).toEqual(["what about the volumes? (drain node)"]);
    expect(winnow?.question).toBe("what about the volumes? (drain node)");
  });

  it("answers a refusal as ordinary content", async () => {
    plays(accepted, { event: "abstained", data: abstention() });
    const { choices, winnow } = (await (await chat({})).json()) as ChatReply;
    expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { refusal: null } });
    expect(choices[0]!.message.content).toMatch(/closest passage: 0\.310\. This release answers from 0\.580\./);
    expect(winnow).toMatchObject({ kind: "abstained", relevance: 0.31, threshold: 0.58 });
  });

  it.each(["winnow", "winnow:things", "", null, undefined])("takes the model %j", async (model) => {
    expect((await chat({ model })).status).toBe(200);
  });
});

describe("a streamed chat completion", () => {
  it("shows the LLM's text as a draft, then the checked answer, its sources and the end", async () => {
    plays(accepted, token("A Jo"), { event: "restart", data: { attempt: 2 } }, token("A Job"), answered);
    const { chunks: all, last } = await chunks({});
    expect(last).toBe("[DONE]");
    for (const chunk of all)
      expect(chunk).toMatchObject({ id: "chatcmpl-ask-1", object: "chat.completion.chunk", model: "winnow" });
    expect(all.map(({ choices }) => choices[0].delta)).toEqual([
      { role: "assistant", content: "" },
      { reasoning_content: "A Jo" },
      { reasoning_content: "\n\n(The model begins anew.)\n\n" },
      { reasoning_content: "A Job" },
      { content: TEXT },
      { annotations: [expect.objectContaining({ type: "url_citation" })] },
      {},
    ]);
    expect(all.map(({ choices }) => choices[0].finish_reason)).toEqual([null, null, null, null, null, null, "stop"]);
    expect(all[5].winnow).toMatchObject({ id: "ask-1", release: "r1" });
    expect(JSON.stringify(all)).not.toContain("usage");
  });

  it("adds the usage, without choices, only if asked to", async () => {
    const { chunks: all } = await chunks({ stream_options: { include_usage: true } });
    expect(all.at(-1)).toMatchObject({ id: "chatcmpl-ask-1", choices: [], usage: { prompt_tokens: 5 } });
    expect(all.filter(({ choices }) => choices.length === 0)).toHaveLength(1);
  });

  it("gives a question that fails at once a status of its own", async () => {
    plays(accepted, new WinnowError("Busy", "Busy: 32 questions wait.", { retryAfterMs: 7000 }));
    const response = await chat({ stream: true });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"]);
    expect(await response.json()).toMatchObject({ error: { type: "server_error", code: "Busy" } });
  });

  it("ends with an error, and without the mark of the end, if the question fails later", async () => {
    plays(accepted, token("A"), new WinnowError("LlmRefused", "the key is wrong"));
    const { chunks: all, last } = await chunks({});
    expect(last).not.toBe("[DONE]");
    expect(all.at(-1)).toEqual({
      error: { message: "the key is wrong", type: "server_error", param: null, code: "LlmRefused" },
    });
  });

  it("stops the question when its client leaves", async () => {
    let left = false;
    server.script = async function* (_, signal) {
      yield accepted;
      yield token("A");
      await new Promise<void>((settle) => signal!.addEventListener("abort", () => settle()));
      left = true;
    };
    const response = await chat({ stream: true });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => left).toBe(true);
  });
});

describe("a chat page's own task", () => {
  it("is answered without asking the docs", async () => {
    const { choices, winnow } = (await (await chat({ messages: [user(TITLE_TASK)] })).json()) as ChatReply;
    expect(choices[0]!.message.content).toBe('{"title":"what does a Job do?"}');
    expect(winnow).toBeUndefined();
    const { chunks: all } = await chunks({ messages: [user(TITLE_TASK)] });
    expect(all[0].choices[0].delta.content).toBe('{"title":"what does a Job do?"}');
    expect(server.asked).toEqual([]);
  });

  it("is done by the LLM where there is one, and by rule when that fails", async () => {
    const prompts: string[] = [];
    server.doors.complete = async (prompt) => {
      prompts.push(prompt);
      if (prompts.length > 1) throw new WinnowError("LlmUnavailable", "away");
      return '{"title":"Jobs"}';
    };
    const withLlm = server.again();
    const content = async () => {
      const body = { messages: [user(TITLE_TASK)] };
      const headers = { host: "localhost", "content-type": "application/json" };
      const response = await withLlm.request(PATH, { method: "POST", headers, body: JSON.stringify(body) });
      return ((await response.json()) as ChatReply).choices[0]!.message.content;
    };
    expect(await content()).toBe('{"title":"Jobs"}');
    expect(await content()).toBe('{"title":"what does a Job do?"}');
    expect(prompts).toEqual([TITLE_TASK, TITLE_TASK]);
  });
});

it.each<[string, object, number, RegExp]>([
  ["no messages", { messages: [] }, 400, /there are no messages/],
  ["no user message", { messages: [{ role: "system", content: "a" }] }, 400, /last user message has no text/],
  ["an empty question", { messages: [user(" ")] }, 400, /last user message has no text/],
  ["only a picture", { messages: [user([{ type: "image_url" }])] }, 400, /last user message has no text/],
  ["a number as content", { messages: [user(7)] }, 400, /messages\.0\.content/],
  ["several answers", { n: 2 }, 400, /only one answer/],
  ["a stream that is a text", { stream: "yes" }, 400, /stream/],
  ["an unknown model", { model: "gpt-4o" }, 404, /the models are winnow, winnow:things/],
])("%s is refused as OpenAI does", async (_, body, status, message) => {
  const response = await chat(body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringMatching(message), type: expect.stringMatching(/_error$/) },
  });
  expect(server.asked).toEqual([]);
});
