import { DefaultChatTransport, readUIMessageStream, type UIMessage, uiMessageChunkSchema } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AskEvent, FoundPassages } from "../../contracts/askEvents.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { abstention, answerOf, citation } from "../testing/answers.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

// What `useChat` of Vercel's AI SDK sends, and what it makes of the replies.

const PATH = "/v1/ask?format=ai-sdk";
const JOBS = citation("Jobs", "https://docs.test/jobs");
const ANSWER = answerOf("A Job creates pods [1].", [JOBS, citation("Pods", "/pods/#run")]);

const accepted: AskEvent = { event: "accepted", data: { id: "ask-1" } };
const token = (text: string): AskEvent => ({ event: "token", data: { text } });
const user = (text: string, more: UIMessage["parts"] = []): UIMessage => ({
  ...{ id: `user-${text}`, role: "user" },
  parts: [...more, { type: "text", text }],
});

let server: LocalServer;
let ended: string[];
beforeAll(async () => {
  server = await localServer();
});
afterAll(() => server.end());
beforeEach(() => {
  server.asked.length = 0;
  ended = [];
  plays(accepted, { event: "answer", data: ANSWER });
});

function plays(...events: (AskEvent | Error)[]): void {
  server.script = async function* () {
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield event;
    }
  };
}

const transport = new DefaultChatTransport({
  api: `http://localhost${PATH}`,
  body: { corpus: "things" },
  fetch: (input, init) => server.post(`${input}`, init!.body as string),
});

const send = (messages: UIMessage[]) =>
  transport.sendMessages({
    ...{ chatId: "chat", messages, trigger: "submit-message", messageId: undefined, abortSignal: undefined },
  });

/** The message that a page shows in the end; its errors are in `ended`. */
async function shown(...messages: UIMessage[]): Promise<UIMessage> {
  const stream = await send(messages);
  const onError = (error: unknown) => void ended.push(String(error));
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream, onError })) last = message;
  return last!;
}

async function raw(body: unknown): Promise<{ response: Response; data: string[] }> {
  const response = await server.post(PATH, body);
  const data = (await response.clone().text()).split("\n\n").filter((block) => block !== "");
  return { response, data: data.map((block) => block.replace(/^data: /, "")) };
}

describe("the AI SDK", () => {
  it("ends with the checked answer as its only text, after the draft as reasoning", async () => {
    plays(accepted, token("A Jo"), { event: "restart", data: { attempt: 2 } }, token("A Job"), token(" runs"), {
      event: "answer",
      data: ANSWER,
    });
    const { id, parts } = await shown(user("what does a Job do?"));
    expect(id).toBe("ask-1");
    expect(parts.map(({ type }) => type)).toEqual([
      ...["reasoning", "reasoning", "text", "source-url", "source-document", "data-winnow"],
    ]);
    expect(parts[0]).toMatchObject({ text: "A Jo", state: "done" });
    expect(parts[1]).toMatchObject({ text: "A Job runs", state: "done" });
    expect(parts[2]).toMatchObject({
      state: "done",
      text: expect.stringMatching(/^A Job creates pods \[1\]\(https:\/\/docs\.test\/jobs\)\.\n\n\*\*Sources/),
    });
    expect(parts[3]).toMatchObject({ sourceId: "1", url: "https://docs.test/jobs", title: "Jobs" });
    expect(parts[4]).toMatchObject({ sourceId: "2", title: "Pods", filename: "page.md" });
    expect(parts[5]).toMatchObject({ data: { id: "ask-1", kind: "llm", release: "r1", relevance: 0.91 } });
    expect(ended).toEqual([]);
  });

  it("shows a refusal as ordinary text, with the closest passages as sources", async () => {
    plays(accepted, { event: "abstained", data: abstention() });
    const { parts } = await shown(user("how are tulips planted?"));
    expect(parts.map(({ type }) => type)).toEqual(["text", "source-url", "data-winnow"]);
    expect(parts[0]).toMatchObject({ text: expect.stringMatching(/do not seem to answer.*P\(relevant\).*0\.31/s) });
    expect(parts[2]).toMatchObject({ data: { kind: "abstained" } });
  });

  it("asks the last message of a conversation, with the words of earlier ones that it leaves out", async () => {
    const first = user("How do I drain a node?");
    const reply = await shown(first);
    await shown(
      first,
      reply,
      user("what about the volumes?", [{ type: "file", mediaType: "image/png", url: "data:," }]),
    );
    expect(server.asked).toEqual(["How do I drain a node?", "what about the volumes? (drain node)"]);
  });

  it("receives a failure with its remedy, and a cancelled question as aborted", async () => {
    plays(accepted, token("A"), new WinnowError("LlmRefused", "the key is wrong"));
    expect((await shown(user("a"))).parts).toMatchObject([{ type: "reasoning", text: "A" }]);
    expect(ended).toEqual(["Error: the key is wrong"]);
    plays(accepted, new WinnowError("Cancelled", "cancelled by an operator"));
    const { data } = await raw({ question: "a" });
    expect(data.slice(1)).toEqual(['{"type":"abort","reason":"cancelled by an operator"}', "[DONE]"]);
  });

  it("throws the body of an error that comes before the stream", async () => {
    plays(new WinnowError("Busy", "Busy: 32 questions wait.", { retryAfterMs: 7000 }));
    await expect(send([user("a")])).rejects.toThrow(/"code":"Busy"/);
  });
});

it("sends parts of the SDK's schema alone, under its header, and the passages first", async () => {
  const { limits, threshold, release, corpus, candidates } = ANSWER.receipt;
  const found: FoundPassages = { ranking: "reranked", limits, threshold, release, corpus, candidates };
  plays(accepted, { event: "passages", data: found }, token("A"), { event: "answer", data: ANSWER });
  const { response, data } = await raw({ question: "what does a Job do?", k: 5 });
  expect(response.headers.get("x-vercel-ai-ui-message-stream")).toBe("v1");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(data.at(-1)).toBe("[DONE]");
  const parts = data.slice(0, -1).map((each) => JSON.parse(each));
  for (const part of parts) expect(await uiMessageChunkSchema().validate!(part)).toMatchObject({ success: true });
  expect(parts.map(({ type }) => type)).toEqual([
    ...["start", "data-passages", "reasoning-start", "reasoning-delta", "reasoning-end"],
    ...["text-start", "text-delta", "text-end", "source-url", "source-document", "data-winnow", "finish"],
  ]);
  expect(parts[1]).toMatchObject({ transient: true, data: { threshold: 0.58 } });
});

it.each<[string, unknown, RegExp]>([
  ["no messages", { messages: [] }, /there are no messages/],
  ["no user message", { messages: [{ role: "assistant", parts: [] }] }, /last user message has no text/],
  ["messages of OpenAI's shape", { messages: [{ role: "user", content: "a" }] }, /messages\.0\.parts/],
  ["an unknown field beside a question", { question: "a", tone: "kind" }, /tone/],
  ["neither", {}, /question/],
  ["no object", [], /expected object/],
  ["a corpus that is no name", { messages: [user("a")], corpus: "../x" }, /corpus/],
])("%s is refused with the field's name", async (_, body, message) => {
  const { response } = await raw(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: "BadInput", message: expect.stringMatching(message) } });
  expect(server.asked).toEqual([]);
});

it("an unknown format is refused", async () => {
  expect((await server.post("/v1/ask?format=yaml", { question: "a" })).status).toBe(400);
});
