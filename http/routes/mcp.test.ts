import { setTimeout as pause } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askToolOutput, fetchToolOutput, searchToolOutput, statusToolOutput } from "../../contracts/agents.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { type LocalServer, localServer } from "../testing/localDoors.ts";

const QUESTION = "what is red pod";

let server: LocalServer;
const clients: Client[] = [];
beforeAll(async () => {
  server = await localServer();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.end();
});

/** A client that calls the app without a socket. */
async function connect(era: "2026" | "2025"): Promise<Client> {
  const negotiation = era === "2026" ? { versionNegotiation: { mode: "auto" as const } } : {};
  const client = new Client({ name: "test", version: "1" }, negotiation);
  const fetch = async (url: string | URL, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set("host", "localhost");
    return server.app.request(`${url}`, { ...init, headers });
  };
  await client.connect(new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), { fetch }));
  clients.push(client);
  return client;
}

async function call<T>(client: Client, name: string, given: object, schema: { parse(value: unknown): T }): Promise<T> {
  const result = await client.callTool({ name, arguments: { ...given } });
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false);
  const [text] = result.content as { text: string }[];
  expect(JSON.parse(text!.text)).toEqual(result.structuredContent);
  return schema.parse(result.structuredContent);
}

async function refusal(client: Client, name: string, given: object): Promise<string> {
  const result = await client.callTool({ name, arguments: { ...given } });
  expect(result.isError).toBe(true);
  expect(result.structuredContent).toBeUndefined();
  return (result.content as { text: string }[])[0]!.text;
}

describe.each(["2026", "2025"] as const)("a client of the revision of %s", (era) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(era);
  });

  it("gets instructions that name the docs, and a list of four read-only tools", async () => {
    expect(client.getProtocolEra()).toBe(era === "2026" ? "modern" : "legacy");
    expect(client.getInstructions()).toContain(`things: 4 pages (12 passages) of docs`);
    expect(client.getInstructions()).toContain(server.release.id);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["search", "fetch", "ask", "status"]);
    for (const { annotations, inputSchema, outputSchema, description } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: false });
      expect([inputSchema.type, outputSchema?.type]).toEqual(["object", "object"]);
      expect(description!.length).toBeGreaterThan(50);
    }
  });

  it("searches and reads on from a result, in the shapes of ChatGPT's connectors", async () => {
    const { results, ...facts } = await call(client, "search", { query: QUESTION, limit: 3 }, searchToolOutput);
    const found = await server.doors.search(QUESTION, { k: 3 });
    expect(facts).toMatchObject({ release: server.release.id, corpus: "things", omitted: 0, note: null });
    expect(facts.answerable).toBe(!found.abstain);
    expect(results.map(({ text }) => text)).toEqual(found.passages.map(({ text }) => text));
    const [first] = results;
    const { scores, heading } = found.passages[0]!;
    expect(first).toMatchObject({ title: heading.join(" > "), aboveThreshold: scores.relevance >= found.threshold });
    expect(first!.relevance).toBeCloseTo(scores.relevance, 4);

    const read = await call(client, "fetch", { id: first!.id }, fetchToolOutput);
    expect(read).toMatchObject({ id: first!.id, title: first!.title, url: first!.url });
    expect(read.text.startsWith(first!.text)).toBe(true);
    const top = read.metadata.first ?? read.id;
    const page = await call(client, "fetch", { id: top }, fetchToolOutput);
    for (const colour of ["red", "blue", "green"]) expect(page.text).toContain(`is ${colour}`);
    expect(page.metadata).toMatchObject({ passages: 3, first: null, next: null, omitted: 0, page: first!.page });
  });

  it("gets whole passages within its budget, the first ones, and a note", async () => {
    const { results, omitted, note } = await call(
      client,
      "search",
      { query: QUESTION, limit: 12, maxTokens: 500 },
      searchToolOutput,
    );
    expect(results.length).toBeGreaterThan(0);
    expect(results.length + omitted).toBe(12);
    expect(note).toContain(`${omitted} of 12 passages are left out`);
    const all = await call(client, "search", { query: QUESTION, limit: 12 }, searchToolOutput);
    expect(results).toEqual(all.results.slice(0, results.length));

    const { result } = await scriptAnswer(12);
    const cut = await call(client, "ask", { question: QUESTION, maxTokens: 400 }, askToolOutput);
    expect(cut.answer).toBe(result.answer);
    expect(cut.citations).toEqual(result.citations.slice(0, cut.citations.length));
    expect(cut.citations.length).toBeGreaterThan(0);
    expect(cut.omitted).toBe(12 - cut.citations.length);
    expect(cut.note).toContain(`${cut.omitted} of 12 passages are left out`);
  });

  it("asks, with progress, and gets the recorded answer", async () => {
    const { id, result } = await scriptAnswer();
    const seen: string[] = [];
    const answered = await client.callTool(
      { name: "ask", arguments: { question: QUESTION } },
      { onprogress: ({ message }) => seen.push(message ?? "") },
    );
    const output = askToolOutput.parse(answered.structuredContent);
    expect(output).toMatchObject({ kind: result.kind, answer: result.answer, receipt: id, release: server.release.id });
    expect(output.citations).toEqual(result.citations);
    expect(seen.join("\n")).toContain("question ask-1: searching");
  });

  it("gets a refusal as a result, with P(relevant), threshold, why, and passages to read", async () => {
    const { receipt } = await server.doors.degraded(QUESTION, { why: "" });
    const passages = (await server.doors.search(QUESTION)).passages.slice(0, 2);
    const closest = passages.map(({ page, heading, url, lines, text }) => ({ page, heading, url, lines, quote: text }));
    server.script = async function* () {
      const refused = { ...receipt, refusedBy: "threshold" as const, why: "the best relevance, 0.1, is below 0.2" };
      const data = {
        answer: "No.",
        kind: "abstained" as const,
        citations: [],
        closest,
        unsupported: [],
        receipt: refused,
      };
      yield { event: "abstained", data: { id: "ask-2", ...data } };
    };
    const output = await call(client, "ask", { question: QUESTION }, askToolOutput);
    expect(output).toMatchObject({ answered: false, kind: "abstained", refusedBy: "threshold", receipt: "ask-2" });
    expect(output.why).toContain("is below 0.2");
    expect(output.relevance).toBeCloseTo(Math.max(...receipt.candidates.map(({ scores }) => scores.relevance)), 4);
    expect(output.closest).toHaveLength(2);
    for (const [at, { id, quote }] of output.closest.entries()) {
      expect(quote).toBe(passages[at]!.text);
      expect((await call(client, "fetch", { id }, fetchToolOutput)).text.startsWith(quote)).toBe(true);
    }
  });

  // A cancelled request of 2025 cannot be told from another client's without sessions: only leaving ends it.
  it(`that ${era === "2026" ? "cancels a question" : "leaves while a question is answered"} ends it`, async () => {
    let asking = false;
    const { promise: left, resolve: leave } = withResolvers();
    server.script = async function* (_, signal) {
      yield { event: "accepted", data: { id: "ask-3" } };
      signal!.addEventListener("abort", leave, { once: true });
      asking = true;
      await left;
    };
    const cancel = new AbortController();
    const leaving = era === "2026" ? client : await connect(era);
    const asked = leaving.callTool(
      { name: "ask", arguments: { question: QUESTION } },
      { signal: cancel.signal, onprogress: () => {} },
    );
    asked.catch(() => {});
    await expect.poll(() => asking).toBe(true);
    if (era === "2026") cancel.abort("enough");
    else await leaving.close();
    await expect(asked).rejects.toThrow();
    expect(await Promise.race([left.then(() => "ended"), pause(2000, "still asking")])).toBe("ended");
  });

  it("is told the next step by every error", async () => {
    expect(await refusal(client, "search", {})).toMatch(/query/);
    expect(await refusal(client, "search", { query: 5 })).toMatch(/query: .*expected string/);
    expect(await refusal(client, "ask", { question: "a".repeat(10_001) })).toMatch(/at most 10,000 characters/);
    expect(await refusal(client, "ask", { question: " " })).toMatch(/the question is empty/);
    expect(await refusal(client, "search", { query: "a", release: "ffff" })).toMatch(
      /matches no release.*`status` lists/,
    );
    expect(await refusal(client, "search", { query: "a", corpus: "none" })).toMatch(/No release of corpus none serves/);
    expect(await refusal(client, "search", { query: "a", maxTokens: 1e9 })).toMatch(/maxTokens: .*20000/);
    expect(await refusal(client, "fetch", { id: "../../etc/passwd" })).toMatch(/take one from `search`/);
    expect(await refusal(client, "fetch", { id: "0123456789abcdef" })).toMatch(/`search` gives the ids that exist/);
    server.script = async function* () {
      yield { event: "accepted", data: { id: "ask-4" } };
      throw new WinnowError("Busy", "Busy: 32 questions are already waiting. Try again in 7 s.");
    };
    expect(await refusal(client, "ask", { question: "a" })).toMatch(/Try again in 7 s/);
    await expect(client.callTool({ name: "nope", arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });

  it("sees what serves and how good it is", async () => {
    const { ready, why, corpora } = await call(client, "status", {}, statusToolOutput);
    expect({ ready, why, corpora }).toEqual({ ready: true, why: null, corpora: await server.doors.serving() });
    expect(corpora[0]).toMatchObject({ corpus: "things", docs: { pages: 4 }, quality: { questions: 12 } });
  });
});

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Makes the workflow answer at once, with as many citations. */
async function scriptAnswer(citations = 1) {
  const id = "ask-1";
  const { passages } = await server.doors.search(QUESTION, { k: citations });
  const cited = passages.map(({ page, heading, url, lines, text }) => ({ page, heading, url, lines, quote: text }));
  const quoted = await server.doors.degraded(QUESTION, { why: "a test" });
  const result = { ...quoted, kind: "extractive" as const, citations: cited, closest: [] };
  server.script = async function* () {
    yield { event: "accepted", data: { id } };
    yield { event: "answer", data: { id, ...result } };
  };
  return { id, result };
}

describe("the endpoint", () => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
  const accept = { accept: "application/json, text/event-stream" };

  it.each([
    ["another site's page", { origin: "https://evil.example" }, 403],
    ["a name that was bound to this machine", { host: "evil.example" }, 403],
    ["a body that is not JSON by its type", { "content-type": "text/plain" }, 415],
  ])("refuses %s in JSON-RPC's shape", async (_, headers, status) => {
    const response = await server.post("/mcp", call, { ...accept, ...headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32000 } });
  });

  it("has no sessions to read or delete", async () => {
    const response = await server.app.request("/mcp", { headers: { host: "localhost", ...accept } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("answers what is no JSON and no JSON-RPC with an error", async () => {
    for (const body of ["{", "[]", '"a"', "{}"]) {
      const response = await server.post("/mcp", body, accept);
      expect(response.status, body).toBe(400);
      expect(((await response.json()) as { error: { code: number } }).error.code, body).toBeLessThan(0);
    }
  });

  it("keeps causes from callers behind a proxy", async () => {
    await scriptAnswer();
    server.script = async function* () {
      yield { event: "accepted", data: { id: "ask-1" } };
      throw new WinnowError("CorruptArtifact", "/srv/secret-folder is damaged");
    };
    const params = { name: "ask", arguments: { question: QUESTION } };
    const told = async (headers: Record<string, string>) =>
      (await server.post("/mcp", { ...call, method: "tools/call", params }, { ...accept, ...headers })).text();
    expect(await told({})).toContain("secret-folder");
    const proxied = await told({ "x-forwarded-for": "10.0.0.7" });
    expect(proxied).toContain("CorruptArtifact");
    expect(proxied).not.toContain("secret-folder");
  });

  it("tells proxies not to hold its streams back", async () => {
    await scriptAnswer();
    const params = { name: "ask", arguments: { question: QUESTION }, _meta: { progressToken: 1 } };
    const response = await server.post("/mcp", { ...call, method: "tools/call", params }, accept);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(await response.text()).toContain("notifications/progress");
  });
});
