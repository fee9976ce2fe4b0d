import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LlmReply, openLlm } from "./llm.ts";
import { chunk, type Scripted, ScriptedLlm, streams } from "./testing/scriptedLlm.ts";

const server = new ScriptedLlm();
let baseUrl = "";
beforeAll(async () => {
  baseUrl = await server.listen();
});
afterAll(() => server.end());

/** One streamed call with every state of its text. */
async function call(
  script: Scripted,
  { timeoutMs = 20_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  server.play(script);
  const seen: string[] = [];
  const reply = openLlm({ baseUrl, model: "m", timeoutMs }).complete(
    [{ role: "user", content: "q" }],
    signal,
    (soFar) => seen.push(soFar()),
  );
  const outcome: LlmReply | Error = await reply.catch((error) => error);
  return { seen, outcome };
}

const events =
  (...parts: (string | Buffer)[]): Scripted =>
  (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) reply.write(part);
    reply.end();
  };
const left = (then: (reply: ServerResponse) => void, ...parts: string[]): Scripted => {
  return (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) reply.write(part);
    setTimeout(() => then(reply), 50);
  };
};
const done = chunk(null, "stop");

describe("a streamed reply", () => {
  test("is shown as it grows, and is the same as one that is sent whole", async () => {
    const { seen, outcome } = await call(streams(["Use ", "a Job", " [1]."], { pauseMs: 10 }));
    expect(seen).toEqual(["Use ", "Use a Job", "Use a Job [1]."]);
    expect(outcome).toEqual({ text: "Use a Job [1].", cut: false });
    expect(JSON.parse(server.calls[0]!.body)).toMatchObject({ stream: true });
  });

  test("that reached the token limit is cut", async () => {
    expect((await call(streams(["Use a"], { finish: "length" }))).outcome).toEqual({ text: "Use a", cut: true });
  });

  test("shows no reasoning, not even its first letters", async () => {
    const { seen, outcome } = await call(streams(["\n<th", "ink>secret", " plan</thi", "nk>\n\n", "Yes [1]."]));
    expect(seen.at(-1)).toBe("Yes [1].");
    expect(seen.slice(0, -1).join("")).toBe("");
    expect(outcome).toMatchObject({ text: "Yes [1]." });
  });

  test("shows no control characters, and no half of a character", async () => {
    const { seen, outcome } = await call(streams(["a\u001b[2J\r", "\nb\u202e", "\ud83d", "\ude00"]));
    expect(seen).toEqual(["a[2J", "a[2J\nb", "a[2J\nb", "a[2J\nb😀"]);
    expect(outcome).toMatchObject({ text: "a[2J\nb😀" });
  });

  test.each<[string, Scripted]>([
    ["comments, unknown fields and other choices", events(": hi\n\n", "id: 7\nretry: 1\n", chunk("ok"), other(), done)],
    ["carriage returns", events(chunk("ok").replaceAll("\n", "\r\n"), done)],
    ["chunks that say that nothing has ended by an empty finish", events(chunk("o", ""), chunk("k", ""), done)],
    ["single bytes", events(...(chunk("ok") + done))],
    ["one compressed piece", zipped(chunk("ok") + done)],
    ["a stream that stays open after its end", left(() => {}, chunk("ok"), done)],
    ["a usage chunk and [DONE]", events(chunk("ok"), done, 'data: {"choices":[],"usage":{}}\n\n', "data: [DONE]\n\n")],
    [
      "chunks that are no objects",
      events("data: 7\n\n", "data: null\n\n", 'data: {"choices":[null]}\n\n', chunk("ok"), done),
    ],
  ])("is read from %s", async (_, script) => {
    expect((await call(script)).outcome).toMatchObject({ text: "ok" });
  });

  test.each<[string, Scripted, string]>([
    ["a cut connection", left((reply) => reply.socket?.resetAndDestroy(), chunk("Use a")), "LlmUnavailable"],
    ["an end without a finish", events(chunk("Use a"), "data: [DONE]\n\n"), "LlmUnavailable"],
    ["an error in the middle", events(chunk("Use a"), 'data: {"error":{"message":"boom"}}\n\n'), "LlmUnavailable"],
    ["JSON that is cut", events(chunk("Use a"), 'data: {"choices":[\n\n'), "LlmUnavailable"],
    ["no text", events(done), "LlmUnavailable"],
    ["no event", events(), "LlmUnavailable"],
    [
      "content that is no text",
      events('data: {"choices":[{"delta":{"content":[1]},"finish_reason":"stop"}]}\n\n'),
      "LlmUnavailable",
    ],
    ["garbage", events("\u0000\u0001 data\n\n", Buffer.from([0xff, 0xfe, 10, 10])), "LlmUnavailable"],
    ["only reasoning, to the token limit", streams(["<think>hm"], { finish: "length" }), "LlmRefused"],
    ["a content filter", streams(["Use a"], { finish: "content_filter" }), "LlmRefused"],
    ["text of 200,001 characters", streams(["a".repeat(200_001)]), "LlmUnavailable"],
  ])("that comes with %s is a named error after one attempt", async (_, script, expected) => {
    const { outcome } = await call(script);
    expect(outcome).toMatchObject({ name: expected });
    expect(server.calls).toHaveLength(1);
  });

  test("without an end is refused while it arrives, in lines or in one", async () => {
    const endless = (piece: string): Scripted => {
      return (reply) => {
        reply.writeHead(200, { "content-type": "text/event-stream" });
        const more = () => {
          while (!reply.destroyed && reply.write(piece)) {}
        };
        reply.on("drain", more);
        more();
      };
    };
    for (const piece of [": comment\n\n".repeat(5000), "a".repeat(65_536)])
      expect((await call(endless(piece))).outcome).toMatchObject({
        message: expect.stringContaining("more than 4 MB"),
      });
  });

  test("that stalls ends at the deadline, and a drip too", async () => {
    const drips: Scripted = (reply) => {
      reply.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => reply.write(chunk("a ")), 30);
      reply.on("close", () => clearInterval(timer));
    };
    for (const script of [left(() => {}, chunk("Use a")), drips]) {
      const { outcome, seen } = await call(script, { timeoutMs: 1000 });
      expect(outcome).toMatchObject({ name: "LlmUnavailable", message: expect.stringContaining("in time") });
      expect(seen.length).toBeGreaterThan(0);
    }
  });

  test("closes its connection when the call is cancelled", async () => {
    const stop = new AbortController();
    let closed = () => {};
    const gone = new Promise<void>((settle) => {
      closed = settle;
    });
    const script: Scripted = (reply) => {
      reply.on("close", closed);
      reply.writeHead(200, { "content-type": "text/event-stream" }).write(chunk("Use a"));
      setTimeout(() => stop.abort(), 50);
    };
    const { outcome } = await call(script, { signal: stop.signal });
    expect(outcome).toMatchObject({ code: "Cancelled" });
    await gone;
  });
});

function other(): string {
  return `data: ${JSON.stringify({ choices: [{ index: 1, delta: { content: "second" }, finish_reason: "stop" }] })}\n\n`;
}

function zipped(body: string): Scripted {
  return (reply) => {
    reply.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    reply.end(gzipSync(body));
  };
}
