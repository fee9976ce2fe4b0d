import { afterAll, beforeAll, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { fails, type Scripted, ScriptedLlm, says } from "../../core/llm/testing/scriptedLlm.ts";
import { Faults } from "./harness.ts";

const KEY = "sk-faults-1234567890";
const QUESTION = "what does a Job do?";

const llm = new ScriptedLlm();
let faults: Faults;
let release: string;

beforeAll(async () => {
  const WINNOW_LLM_BASE_URL = await llm.listen();
  faults = new Faults();
  await faults.startServer();
  const settings = { WINNOW_LLM_MODEL: "scripted", WINNOW_LLM_API_KEY: KEY };
  await faults.startWorker({ ...settings, WINNOW_LLM_BASE_URL });
  const result = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  release = result.release!;
});
afterAll(async () => {
  await faults?.end();
  llm.end();
});

const answers = says("A Job creates pods and retries them until a given number of them has ended well [1].");

test("an answer comes with checked citations and a receipt of the release", async () => {
  llm.play(answers);
  const { result } = await faults.ask(QUESTION);
  expect(result).toMatchObject({ kind: "llm", receipt: { release, model: "scripted" } });
  expect(result?.citations[0]).toMatchObject({ page: "jobs.md", url: "/jobs" });
  expect(llm.calls).toMatchObject([{ authorization: `Bearer ${KEY}` }]);
});

test("429 with Retry-After: the next attempt comes at the requested time, without hidden client retries", async () => {
  llm.play(fails(429, { "retry-after": "3" }), answers);
  expect((await faults.ask(QUESTION)).result?.kind).toBe("llm");
  expect(llm.calls).toHaveLength(2);
  expect(llm.calls[1]!.at - llm.calls[0]!.at).toBeGreaterThan(2900);
});

test.each<[string, Scripted]>([
  ["500", fails(500)],
  ["502", fails(502)],
  ["malformed JSON", (reply) => void reply.writeHead(200, { "content-type": "application/json" }).end("{")],
  ["no choices", (reply) => void reply.writeHead(200, { "content-type": "application/json" }).end("{}")],
  ["a reset", (reply) => void reply.socket?.resetAndDestroy()],
])("%s for good: four attempts, then the passages flagged degraded", async (_, reply) => {
  llm.play(reply);
  const { result } = await faults.ask(QUESTION);
  expect(llm.calls).toHaveLength(4);
  expect(result).toMatchObject({ kind: "degraded" });
  expect(result?.citations[0]).toMatchObject({ page: "jobs.md" });
});

test.each([
  [401, /WINNOW_LLM_API_KEY/],
  [404, /WINNOW_LLM_MODEL/],
])("%i fails once with a hint, and the key appears nowhere", async (status, hint) => {
  llm.play(fails(status));
  const { failure, handle } = await faults.ask(QUESTION);
  expect(failure).toMatchObject({ type: "LlmRefused", message: expect.stringMatching(hint) });
  expect(llm.calls).toHaveLength(1);
  const { events } = await handle.fetchHistory();
  // Payloads are bytes in the history, and base64 in its JSON form.
  const history = JSON.stringify(events, (key, value) =>
    key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString() : value,
  );
  expect(history).toContain(QUESTION);
  expect(history).not.toContain(KEY);
  expect(faults.log).not.toContain(KEY);
});
