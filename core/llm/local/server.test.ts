import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openLlm } from "../llm.ts";
import { LlmRefused, LlmUnavailable } from "../llmErrors.ts";
import { type LocalModel, TooSlow, type WriteLimits } from "./protocol.ts";
import { createLocalServer } from "./server.ts";

const TOKEN = "t0ken-of-this-process";
const CHAT = [{ role: "user" as const, content: "hello" }];
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The real server over a model that writes what `write` returns. */
async function serve(write: LocalModel["write"]) {
  const speed = { reads: 150, writes: 24 };
  const server = createLocalServer({ model: { write }, name: "tiny", token: TOKEN, speed });
  servers.push(server);
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const post = (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { baseUrl, post, llm: openLlm({ baseUrl, model: "tiny", apiKey: TOKEN }) };
}

const written = (text: string, cut = false) => ({ text, cut, promptTokens: 5, tokens: 2 });

describe("the endpoint of a local model", () => {
  it("answers Winnow's own client, with the limits it asked for", async () => {
    const seen: WriteLimits[] = [];
    const { llm } = await serve(async (_messages, limits) => {
      seen.push(limits);
      return written("Use a Job [1].");
    });
    expect(await llm.complete(CHAT)).toEqual({ text: "Use a Job [1].", cut: false, tokens: 2 });
    expect(seen[0]).toMatchObject({ temperature: 0, maxTokens: 400 });
  });

  it("marks a text that a limit ended", async () => {
    const { llm } = await serve(async () => written("Use a", true));
    expect((await llm.complete(CHAT)).cut).toBe(true);
  });

  it("refuses callers without its token, and other paths", async () => {
    const { baseUrl, post } = await serve(async () => written("x"));
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: TOKEN }])
      expect((await post({ messages: CHAT }, headers as Record<string, string>)).status).toBe(401);
    expect((await fetch(`${baseUrl}/models`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await (await fetch(`${baseUrl}/models`, { headers })).json()).toMatchObject({ data: [{ id: "tiny" }] });
    expect((await fetch(`${baseUrl}/files`, { headers })).status).toBe(404);
  });

  it("refuses what it cannot read, by name", async () => {
    const { post } = await serve(async () => written("x"));
    for (const body of ["{", "null", "[]", {}, { messages: [] }, { messages: [{ role: "tool", content: "x" }] }])
      expect((await post(body)).status).toBe(400);
    const streamed = await post({ messages: CHAT, stream: true });
    expect(streamed.status).toBe(400);
    expect(await streamed.text()).toContain("does not stream");
    expect((await post({ messages: [{ role: "user", content: "x".repeat(600_000) }] })).status).toBe(400);
  });

  it("writes one answer at a time, lets two wait in order, and sends others away with Retry-After", async () => {
    const order: string[] = [];
    let now = 0;
    let most = 0;
    const gates: (() => void)[] = [];
    const { post } = await serve(async ([message]) => {
      most = Math.max(most, ++now);
      await new Promise<void>((settle) => gates.push(settle));
      order.push(message!.content);
      now--;
      return written("x");
    });
    const ask = (content: string) => post({ messages: [{ role: "user", content }] });
    const answers = [];
    for (const content of ["a", "b", "c"]) {
      answers.push(ask(content));
      await new Promise((settle) => setTimeout(settle, 60));
    }
    const fourth = await ask("d");
    expect(fourth.status).toBe(429);
    expect(fourth.headers.get("retry-after")).toBe("15");
    for (let released = 0; released < 3; released++) {
      await expect.poll(() => gates.length).toBeGreaterThan(released);
      gates[released]!();
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(order).toEqual(["a", "b", "c"]);
    expect(most).toBe(1);
  });

  it("stops writing for a caller that hung up, and goes on with the next", async () => {
    let stopped = false;
    let first = true;
    const { baseUrl, llm } = await serve(async (_messages, { signal }) => {
      if (!first) return written("next");
      first = false;
      await new Promise<void>((settle) => signal.addEventListener("abort", () => settle()));
      stopped = true;
      throw signal.reason;
    });
    const impatient = openLlm({ baseUrl, model: "tiny", apiKey: TOKEN, timeoutMs: 300 });
    await expect(impatient.complete(CHAT)).rejects.toThrow(LlmUnavailable);
    expect((await llm.complete(CHAT)).text).toBe("next");
    expect(stopped).toBe(true);
  });

  it("tells a prompt that does not fit from a failure that a retry may mend", async () => {
    const too = await serve(async () => {
      throw new Error("The context size is too small to generate a response");
    });
    await expect(too.llm.complete(CHAT)).rejects.toThrow(LlmRefused);
    const slow = await serve(async () => {
      throw new TooSlow();
    });
    await expect(slow.llm.complete(CHAT)).rejects.toThrow(/too slow here/);
    await expect(slow.llm.complete(CHAT)).rejects.toThrow(LlmUnavailable);
  });
});
