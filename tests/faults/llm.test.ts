import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { Faults } from "./harness.ts";

const KEY = "sk-faults-1234567890";
const QUESTION = "what does a Job do?";

/** An OpenAI-compatible endpoint whose answers a test scripts: the last one repeats. */
let script: ((reply: ServerResponse) => void)[] = [];
let calls: { at: number; authorization: string | undefined }[] = [];
let llm: Server;
let faults: Faults;
let release: string;

beforeAll(async () => {
  llm = createServer((request, reply) => {
    calls.push({ at: Date.now(), authorization: request.headers.authorization });
    request.resume().on("end", () => script[Math.min(calls.length, script.length) - 1]!(reply));
  }).listen(0, "127.0.0.1");
  await new Promise((settle) => llm.once("listening", settle));
  const { port } = llm.address() as AddressInfo;
  faults = new Faults();
  await faults.startServer();
  const settings = { WINNOW_LLM_MODEL: "scripted", WINNOW_LLM_API_KEY: KEY };
  await faults.startWorker({ ...settings, WINNOW_LLM_BASE_URL: `http://127.0.0.1:${port}/v1` });
  const result = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  release = result.release!;
});
afterAll(async () => {
  await faults?.end();
  llm?.closeAllConnections();
  llm?.close();
});
afterEach(() => {
  calls = [];
});

const fails =
  (status: number, headers: Record<string, string> = {}) =>
  (reply: ServerResponse): void => {
    reply.writeHead(status, { "content-type": "application/json", ...headers });
    reply.end(JSON.stringify({ error: { message: `scripted ${status}` } }));
  };
const says =
  (content: string) =>
  (reply: ServerResponse): void => {
    const choice = { index: 0, finish_reason: "stop", message: { role: "assistant", content } };
    reply.writeHead(200, { "content-type": "application/json" });
    reply.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "scripted", choices: [choice] }));
  };
const answers = says("A Job creates pods and retries them until a given number of them has ended well [1].");

test("an answer comes with checked citations and a receipt of the release", async () => {
  script = [answers];
  const { result } = await faults.ask(QUESTION);
  expect(result).toMatchObject({ kind: "llm", receipt: { release, model: "scripted" } });
  expect(result?.citations[0]).toMatchObject({ page: "jobs.md", url: "/jobs" });
  expect(calls).toMatchObject([{ authorization: `Bearer ${KEY}` }]);
});

test("429 with Retry-After: the next attempt comes when it said, and no client retries hide in between", async () => {
  script = [fails(429, { "retry-after": "3" }), answers];
  expect((await faults.ask(QUESTION)).result?.kind).toBe("llm");
  expect(calls).toHaveLength(2);
  expect(calls[1]!.at - calls[0]!.at).toBeGreaterThan(2900);
});

test.each([
  ["500", fails(500)],
  ["502", fails(502)],
  [
    "malformed JSON",
    (reply: ServerResponse) => void reply.writeHead(200, { "content-type": "application/json" }).end("{"),
  ],
  [
    "no choices",
    (reply: ServerResponse) => void reply.writeHead(200, { "content-type": "application/json" }).end("{}"),
  ],
  ["a reset", (reply: ServerResponse) => void reply.socket?.resetAndDestroy()],
])("%s for good: four attempts, then the passages flagged degraded", async (_, reply) => {
  script = [reply];
  const { result } = await faults.ask(QUESTION);
  expect(calls).toHaveLength(4);
  expect(result).toMatchObject({ kind: "degraded" });
  expect(result?.citations[0]).toMatchObject({ page: "jobs.md" });
});

test.each([
  [401, /WINNOW_LLM_API_KEY/],
  [404, /WINNOW_LLM_MODEL/],
])("%i fails once with a hint, and the key is nowhere", async (status, hint) => {
  script = [fails(status)];
  const { failure, handle } = await faults.ask(QUESTION);
  expect(failure).toMatchObject({ type: "LlmRefused", message: expect.stringMatching(hint) });
  expect(calls).toHaveLength(1);
  const { events } = await handle.fetchHistory();
  // Payloads are bytes in the history, and base64 in its JSON.
  const history = JSON.stringify(events, (key, value) =>
    key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString() : value,
  );
  expect(history).toContain(QUESTION);
  expect(history).not.toContain(KEY);
  expect(faults.log).not.toContain(KEY);
});
