import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { retryAfter } from "../base/retryAfter.ts";
import { openLlm } from "./llm.ts";
import { LlmRefused, LlmUnavailable, redact } from "./llmErrors.ts";

type Script = (response: ServerResponse, request: IncomingMessage) => void;

const KEY = "sk-test-very-secret-1234567890";
const MESSAGES = [{ role: "user" as const, content: "question" }];
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a real HTTP server that plays `script` for every request and counts the requests. */
async function serve(script: Script): Promise<{ baseUrl: string; calls: () => number; bodies: string[] }> {
  let calls = 0;
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    calls++;
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      bodies.push(body);
      script(response, request);
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls: () => calls, bodies };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

const reply = (content: unknown, finish = "stop") => ({
  id: "1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
});

async function failureOf(script: Script, timeoutMs = 20_000): Promise<Error> {
  const server = await serve(script);
  const llm = openLlm({ baseUrl: server.baseUrl, model: "tiny", apiKey: KEY, timeoutMs });
  const error = await llm.complete(MESSAGES).then(
    () => new Error("no failure"),
    (thrown) => thrown,
  );
  expect(server.calls()).toBe(1);
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(KEY);
  expect(error.cause).toBeUndefined();
  return error;
}

describe("complete", () => {
  it("returns the text of a reply, and sends model, messages and limits", async () => {
    const server = await serve(json(200, reply("Use a Job [1].")));
    const llm = openLlm({ baseUrl: server.baseUrl, model: "tiny", maxTokens: 50 });
    expect(await llm.complete(MESSAGES)).toEqual({ text: "Use a Job [1].", cut: false });
    expect(JSON.parse(server.bodies[0]!)).toMatchObject({ model: "tiny", messages: MESSAGES, max_tokens: 50 });
  });

  it("marks a reply that reached the token limit as cut", async () => {
    const server = await serve(json(200, reply("Use a", "length")));
    expect(await openLlm({ baseUrl: server.baseUrl, model: "tiny" }).complete(MESSAGES)).toEqual({
      text: "Use a",
      cut: true,
    });
  });

  it("removes the reasoning of a reasoning model", async () => {
    const server = await serve(json(200, reply("<think>hm\n</think>\nYes [1].")));
    expect((await openLlm({ baseUrl: server.baseUrl, model: "tiny" }).complete(MESSAGES)).text).toBe("Yes [1].");
  });
});

describe("retryable failures", () => {
  it.each([
    ["429 with Retry-After", json(429, { error: { message: "slow down" } }, { "retry-after": "7" }), 7000],
    ["500", json(500, { error: { message: "boom" } }), null],
    ["502 of a proxy", json(502, "<html>bad gateway</html>"), null],
    ["503 with Retry-After", json(503, "busy", { "retry-after": "2" }), 2000],
    ["a reset connection", (response: ServerResponse) => void response.socket?.destroy(), null],
    ["malformed JSON", json(200, '{"choices": [{"mess'), null],
    ["a page instead of JSON", json(200, "<html>login</html>", { "content-type": "text/html" }), null],
    ["JSON null", json(200, "null"), null],
    ["empty choices", json(200, { choices: [] }), null],
    ["a reply without text", json(200, reply(null)), null],
    ["an empty reply", json(200, reply("  ")), null],
  ])("%s is LlmUnavailable after one attempt", async (_name, script, wait) => {
    const error = await failureOf(script as Script);
    expect(error).toBeInstanceOf(LlmUnavailable);
    expect((error as LlmUnavailable).retryAfterMs).toBe(wait);
  });

  it("a truncated body is LlmUnavailable", async () => {
    const error = await failureOf((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
      response.write('{"choices":');
      setTimeout(() => response.destroy(), 20);
    });
    expect(error).toBeInstanceOf(LlmUnavailable);
  });

  it("a silent server, a stalled body and a slow stream time out at the deadline, after one attempt", async () => {
    const slowDrip: Script = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 30);
      response.on("close", () => clearInterval(drip));
    };
    const endless: Script[] = [() => {}, (response) => void response.writeHead(200).write('{"choices":'), slowDrip];
    // Long enough for all three requests to reach their server on a busy machine.
    const errors = await Promise.all(endless.map((script) => failureOf(script, 2500)));
    for (const error of errors) {
      expect(error).toBeInstanceOf(LlmUnavailable);
      expect(error.message).toMatch(/did not finish in time/);
    }
  });

  it("an unreachable address is LlmUnavailable and names the setting", async () => {
    const llm = openLlm({ baseUrl: "http://127.0.0.1:9/v1", model: "tiny" });
    await expect(llm.complete(MESSAGES)).rejects.toThrow(/no connection .*WINNOW_LLM_BASE_URL/);
  });
});

describe("a body of any size", () => {
  /** Sends pieces until the client leaves. */
  const endless =
    (start: string, piece: string | Buffer, headers: Record<string, string> = {}): Script =>
    (response) => {
      response.writeHead(200, { "content-type": "application/json", ...headers });
      if (start) response.write(start);
      const more = () => {
        while (!response.destroyed && response.write(piece)) {}
      };
      response.on("drain", more);
      more();
    };
  const a = "A".repeat(65_536);
  const bomb = gzipSync(Buffer.alloc(300_000_000, 0x41), { level: 1 });

  it.each<[string, Script]>([
    ["without an end", endless('{"choices":[{"message":{"content":"', a)],
    ["of blanks without an end", endless("", " ".repeat(65_536))],
    ["of text without an end", endless("", a, { "content-type": "text/plain" })],
    [
      "compressed from 300 MB",
      (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(bomb);
      },
    ],
  ])("%s is refused while it arrives, within a few MB of memory", async (_name, script) => {
    const before = process.memoryUsage().rss;
    const error = await failureOf(script);
    expect(error).toBeInstanceOf(LlmUnavailable);
    expect(error.message).toMatch(/a reply of more than 2 MB/);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it("of an error is bounded too", async () => {
    const error = await failureOf((response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      const more = () => {
        while (!response.destroyed && response.write(a)) {}
      };
      response.on("drain", more);
      more();
    });
    expect(error).toBeInstanceOf(LlmUnavailable);
    expect(error.message).toMatch(/answered 500/);
  });

  it("just within the bound is read, compressed too", async () => {
    const content = "Use a Job [1]. ".repeat(10_000);
    const packed = gzipSync(JSON.stringify({ ...reply(content), padding: "x".repeat(1_800_000) }));
    const server = await serve((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(packed);
    });
    const { text } = await openLlm({ baseUrl: server.baseUrl, model: "tiny" }).complete(MESSAGES);
    expect(text).toBe(content.trim());
  });

  it("keeps no control characters", async () => {
    const server = await serve(json(200, reply("Use\u001b[2J a\u009b31m \u202eJob\u0000 [1].\r\nDone.")));
    const { text } = await openLlm({ baseUrl: server.baseUrl, model: "tiny" }).complete(MESSAGES);
    expect(text).toBe("Use[2J a31m Job [1].\nDone.");
    const error = await failureOf(json(400, { error: { message: "no \u001b]0;title\u0007 \u202e such model" } }));
    expect(error.message).toContain("no ]0;title such model");
  });
});

describe("refusals", () => {
  it.each([
    [400, "WINNOW_LLM_MODEL"],
    [401, "WINNOW_LLM_API_KEY"],
    [403, "WINNOW_LLM_API_KEY"],
    [404, "WINNOW_LLM_MODEL"],
  ])("%i is LlmRefused with the setting to change, and never shows the key", async (status, setting) => {
    const error = await failureOf(json(status, { error: { message: `bad key ${KEY}` } }));
    expect(error).toBeInstanceOf(LlmRefused);
    expect(error.message).toContain(setting);
    expect(error.message).toContain(String(status));
  });

  it("does not follow a redirect", async () => {
    let followed = 0;
    const other = await serve((response) => {
      followed++;
      response.end("{}");
    });
    const error = await failureOf(json(307, "", { location: `${other.baseUrl}/chat/completions` }));
    expect(error).toBeInstanceOf(LlmRefused);
    expect(error.message).toMatch(/redirect/);
    expect(followed).toBe(0);
  });

  it("rejects a base URL that is not http or contains a password, without showing it", () => {
    expect(() => openLlm({ baseUrl: "file:///etc/passwd", model: "m" })).toThrow(LlmRefused);
    const withPassword = () => openLlm({ baseUrl: "http://user:hunter2@127.0.0.1:9/v1", model: "m" });
    expect(withPassword).toThrow(LlmRefused);
    expect(withPassword).not.toThrow(/hunter2/);
  });

  it("a cancelled call is Cancelled", async () => {
    const server = await serve(() => {});
    const stop = new AbortController();
    const call = openLlm({ baseUrl: server.baseUrl, model: "tiny" }).complete(MESSAGES, stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(call).rejects.toMatchObject({ code: "Cancelled" });
  });
});

describe("retryAfter", () => {
  it("reads seconds and dates, caps them, and ignores nonsense", () => {
    const wait = (value: string) => retryAfter(new Headers({ "retry-after": value }), Date.UTC(2025, 0, 1));
    expect(wait("1.5")).toBe(1500);
    expect(wait("Wed, 01 Jan 2025 00:00:09 GMT")).toBe(9000);
    expect(wait("Tue, 31 Dec 2024 00:00:00 GMT")).toBe(0);
    expect(wait("99999999")).toBe(600_000);
    expect(wait("soon")).toBeNull();
  });
});

describe("redact", () => {
  it("redacts the key and anything that looks like one", () => {
    expect(redact("key abcd1234 and sk-other-9876543", "abcd1234")).toBe("key *** and sk-***");
  });
});
