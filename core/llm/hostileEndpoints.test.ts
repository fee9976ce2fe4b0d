import type { ServerResponse } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLlm } from "./llm.ts";
import type { OnText } from "./streamedReply.ts";
import { type Scripted, ScriptedLlm } from "./testing/scriptedLlm.ts";

const KEY = "sk-attack-0123456789";
const server = new ScriptedLlm();
let baseUrl = "";
beforeAll(async () => {
  baseUrl = await server.listen();
});
afterAll(() => server.end());

async function outcome(script: Scripted, timeoutMs = 20_000, onText?: OnText): Promise<string> {
  server.play(script);
  const llm = openLlm({ baseUrl, model: "m", apiKey: KEY, timeoutMs });
  try {
    const { text, cut } = await llm.complete([{ role: "user", content: "q" }], undefined, onText);
    return cut ? `${text} (cut)` : text;
  } catch (error) {
    const { name, message, stack } = error as Error;
    expect(`${message}${stack}${JSON.stringify(error)}`).not.toContain(KEY);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may remain
    expect(message).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(message.length).toBeLessThan(600);
    return name;
  } finally {
    expect(server.calls.length).toBe(1);
  }
}

const sends =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Scripted =>
  (reply) => {
    reply.writeHead(status, { "content-type": "application/json", ...headers });
    reply.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
const choice = (message: unknown, finish_reason: unknown = "stop") => ({ choices: [{ message, finish_reason }] });
const good = choice({ content: "Use a Job [1]." });
const goodText = JSON.stringify(good);
const raw =
  (bytes: string | Buffer): Scripted =>
  (reply) => {
    reply.socket!.write(bytes);
    reply.socket!.end();
  };
const pieces =
  (...parts: string[]): Scripted =>
  (reply: ServerResponse) => {
    reply.writeHead(200, { "content-type": "application/json" });
    for (const part of parts) reply.write(part);
    reply.end();
  };

/** What the endpoint does, and what comes of it: the text, or the name of the error. */
const CASES: [string, Scripted, string][] = [
  // Shapes of the document.
  ["a number", sends("7"), "LlmUnavailable"],
  ["a string", sends('"choices"'), "LlmUnavailable"],
  ["an array", sends([good]), "LlmUnavailable"],
  ["true", sends("true"), "LlmUnavailable"],
  ["an empty object", sends({}), "LlmUnavailable"],
  ["choices that are an object", sends({ choices: { 0: good.choices[0] } }), "Use a Job [1]."],
  ["choices that are text", sends({ choices: "abc" }), "LlmUnavailable"],
  ["choices of null", sends({ choices: [null] }), "LlmUnavailable"],
  ["choices of a number", sends({ choices: [1] }), "LlmUnavailable"],
  ["a message that is text", sends(choice("Use a Job")), "LlmUnavailable"],
  ["a message of null", sends(choice(null)), "LlmUnavailable"],
  ["content that is an array of parts", sends(choice({ content: [{ type: "text", text: "x" }] })), "LlmUnavailable"],
  ["content that is a number", sends(choice({ content: 1 })), "LlmUnavailable"],
  ["content that is an object with toString", sends(choice({ content: { toString: "x" } })), "LlmUnavailable"],
  ["a tool call", sends(choice({ content: null, tool_calls: [{ id: "1" }] }, "tool_calls")), "LlmUnavailable"],
  ["a refusal field", sends(choice({ content: null, refusal: "no" })), "LlmUnavailable"],
  ["__proto__ as a key", sends('{"__proto__":{"choices":[]},"choices":[{"message":{"content":"ok"}}]}'), "ok"],
  ["a key twice", sends('{"choices":[],"choices":[{"message":{"content":"ok"}}]}'), "ok"],
  ["two choices", sends({ choices: [good.choices[0], choice({ content: "second" }).choices[0]] }), "Use a Job [1]."],
  ["arrays nested a million deep", sends("[".repeat(1_000_000)), "LlmUnavailable"],
  ["arrays nested and closed", sends(`${"[".repeat(500_000)}${"]".repeat(500_000)}`), "LlmUnavailable"],
  ["a million keys", sends(`{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(",")}}`), "LlmUnavailable"],
  ["a number of a million digits", sends(`{"choices":${"9".repeat(1_000_000)}}`), "LlmUnavailable"],
  ["an error with status 200", sends({ error: { message: `no ${KEY}` } }), "LlmUnavailable"],
  // Text.
  ["a lone surrogate", sends('{"choices":[{"message":{"content":"a\\ud800b"}}]}'), "a\ud800b"],
  ["NUL and escapes", sends(choice({ content: "a\u0000\u001b[2Jb\u009b1mc" })), "a[2Jb1mc"],
  ["bidi overrides", sends(choice({ content: "a\u202egnp\u2069" })), "agnp"],
  ["marks of the terminal's own colours", sends(choice({ content: "a\ufdd5b\uffff" })), "ab"],
  ["only controls", sends(choice({ content: "\u001b\u0007\u202e" })), "LlmUnavailable"],
  ["only blanks", sends(choice({ content: "\u00a0\u2003\n" })), "LlmUnavailable"],
  ["only thoughts", sends(choice({ content: "<think>hm</think>" })), "LlmUnavailable"],
  ["thoughts without an end", sends(choice({ content: "<think>hm" })), "LlmRefused"],
  ["20,000 thoughts", sends(choice({ content: `${"<think>".repeat(20_000)}</think>ok` })), "ok"],
  ["thoughts after blanks", sends(choice({ content: `${" ".repeat(100_000)}<think></think>ok` })), "ok"],
  ["200,001 characters", sends(choice({ content: "a".repeat(200_001) })), "LlmUnavailable"],
  ["a filter's refusal", sends(choice({ content: "x" }, "content_filter")), "LlmRefused"],
  ["a finish reason that is an object", sends(choice({ content: "ok" }, { length: 1 })), "ok"],
  ["a reply cut in a word", sends(choice({ content: "Use a Jo" }, "length")), "Use a Jo (cut)"],
  // Bytes.
  [
    "invalid UTF-8",
    sends(Buffer.from([...Buffer.from('{"choices":[{"message":{"content":"a'), 0xff, ...Buffer.from('"}}]}')])),
    "a\ufffd",
  ],
  ["a byte order mark", sends(`\ufeff${goodText}`), "Use a Job [1]."],
  ["UTF-16", sends(Buffer.from(goodText, "utf16le")), "LlmUnavailable"],
  ["trailing rubbish", sends(`${goodText}}`), "LlmUnavailable"],
  ["two documents", sends(goodText + goodText), "LlmUnavailable"],
  ["a body in single bytes", pieces(...goodText), "Use a Job [1]."],
  ["gzip", sends(gzipSync(goodText), 200, { "content-encoding": "gzip" }), "Use a Job [1]."],
  ["deflate", sends(deflateSync(goodText), 200, { "content-encoding": "deflate" }), "Use a Job [1]."],
  ["brotli", sends(brotliCompressSync(goodText), 200, { "content-encoding": "br" }), "Use a Job [1]."],
  ["gzip in gzip", sends(gzipSync(gzipSync(goodText)), 200, { "content-encoding": "gzip, gzip" }), "Use a Job [1]."],
  [
    "a brotli bomb",
    sends(brotliCompressSync(Buffer.alloc(50_000_000, 0x20)), 200, { "content-encoding": "br" }),
    "LlmUnavailable",
  ],
  ["gzip that is none", sends(goodText, 200, { "content-encoding": "gzip" }), "LlmUnavailable"],
  ["gzip cut short", sends(gzipSync(goodText).subarray(0, 30), 200, { "content-encoding": "gzip" }), "LlmUnavailable"],
  [
    "a length too short",
    raw(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n${goodText}`),
    "LlmUnavailable",
  ],
  [
    "a length too long",
    raw(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n${goodText}`),
    "LlmUnavailable",
  ],
  ["a negative length", raw("HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n"), "LlmUnavailable"],
  ["a chunk of a bad size", raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n"), "LlmUnavailable"],
  ["no HTTP", raw("SSH-2.0-OpenSSH_9\r\n"), "LlmUnavailable"],
  ["nothing", raw(""), "LlmUnavailable"],
  ["headers of a megabyte", raw(`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(200_000)}\r\n`), "LlmUnavailable"],
  [
    "a header with control characters",
    raw(`HTTP/1.1 500 \u001b[2J\r\nx: \u001b]0;t\u0007\r\ncontent-length: 0\r\n\r\n`),
    "LlmUnavailable",
  ],
  [
    "a hundred interim replies",
    raw(
      `${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)}HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${goodText.length}\r\n\r\n${goodText}`,
    ),
    "Use a Job [1].",
  ],
  // Statuses.
  ["204", sends("", 204), "LlmUnavailable"],
  ["205", sends("", 205), "LlmUnavailable"],
  ["206 with a piece", sends('{"choices":[', 206), "LlmUnavailable"],
  ["300", sends("", 300), "LlmRefused"],
  ["302 to a file", sends("", 302, { location: "file:///etc/passwd" }), "LlmRefused"],
  ["304", sends("", 304), "LlmRefused"],
  ["308 to the metadata service", sends("", 308, { location: "http://169.254.169.254/" }), "LlmRefused"],
  ["402", sends({ error: { message: `pay, ${KEY}` } }, 402), "LlmRefused"],
  ["407, which fetch takes for a broken proxy", sends("", 407), "LlmUnavailable"],
  ["408", sends("", 408), "LlmUnavailable"],
  ["418 with a page", sends(`<html>${"x".repeat(100_000)}`, 418, { "content-type": "text/html" }), "LlmRefused"],
  ["425", sends("", 425), "LlmUnavailable"],
  ["429 for ever", sends("", 429, { "retry-after": "1e300" }), "LlmUnavailable"],
  ["451", sends("", 451), "LlmRefused"],
  ["500 with JSON of null", sends("null", 500), "LlmUnavailable"],
  [
    "500 with the key in a nested error",
    sends({ error: { message: { deep: KEY }, code: KEY, type: KEY } }, 500),
    "LlmUnavailable",
  ],
  ["511", sends("", 511), "LlmUnavailable"],
  ["599", sends("", 599), "LlmUnavailable"],
  ["999", raw("HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n"), "LlmUnavailable"],
  [
    "a stream of events",
    sends(`data: ${goodText}\n\ndata: [DONE]\n\n`, 200, { "content-type": "text/event-stream" }),
    "LlmUnavailable",
  ],
  ["JSON declared as text", sends(goodText, 200, { "content-type": "text/plain" }), "LlmUnavailable"],
  [
    "a cookie and a new host",
    sends(good, 200, { "set-cookie": "a=b", "content-location": "http://evil/" }),
    "Use a Job [1].",
  ],
];

describe("whatever an endpoint does, one attempt ends in a reply or a named error", () => {
  test.each(CASES)("%s", async (_name, script, expected) => {
    expect(await outcome(script)).toBe(expected);
  });

  test.each(CASES)("%s, asked to stream", async (_name, script, expected) => {
    expect(await outcome(script, 20_000, () => {})).toBe(expected);
  });

  test.each<[string, Scripted]>([
    ["headers that drip", (reply) => void setInterval(() => reply.socket?.write("x: y\r\n"), 50).unref()],
    [
      "a body of one blank now and then",
      (reply) => {
        reply.writeHead(200, { "content-type": "application/json" });
        setInterval(() => reply.write(" "), 50).unref();
      },
    ],
    ["an error whose body never ends", (reply) => void reply.writeHead(500).write("x")],
    [
      "a compressed body that never ends",
      (reply) => void reply.writeHead(200, { "content-encoding": "gzip" }).write(gzipSync("x").subarray(0, 10)),
    ],
  ])("%s: ends at the deadline", async (_name, script) => {
    const began = Date.now();
    expect(await outcome(script, 3000)).toBe("LlmUnavailable");
    expect(Date.now() - began).toBeLessThan(60_000);
  });
});
