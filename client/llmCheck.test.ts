import { afterAll, beforeAll, expect, test } from "vitest";
import { readCliConfig } from "../config/cliConfig.ts";
import { fails, ScriptedLlm, says } from "../core/llm/testing/scriptedLlm.ts";
import { checkLlm } from "./llmCheck.ts";

const KEY = "sk-check-1234567890";
const llm = new ScriptedLlm();
let endpoint: Record<string, string>;
beforeAll(async () => {
  endpoint = {
    WINNOW_LLM_BASE_URL: await llm.listen(),
    WINNOW_LLM_MODEL: "scripted",
    WINNOW_LLM_API_KEY: KEY,
    WINNOW_CACHE: "/nowhere",
  };
});
afterAll(() => llm.end());

const check = (env: Record<string, string>) => checkLlm(readCliConfig(env));

test("the endpoint is called once, with its key, and latency and reply are reported", async () => {
  llm.play(says("one two three"));
  const found = await check(endpoint);
  expect(found).toMatchObject({ ok: true, model: "scripted", reply: "one two three", problem: null });
  expect(found.seconds).toBeGreaterThan(0);
  expect(llm.calls).toMatchObject([{ authorization: `Bearer ${KEY}` }]);
});

test("a refusal and an endpoint that is down are results with what to change, without the key", async () => {
  llm.play(fails(401));
  const refused = await check(endpoint);
  expect(refused).toMatchObject({ ok: false, seconds: null, problem: expect.stringContaining("WINNOW_LLM_API_KEY") });
  expect(llm.calls).toHaveLength(1);
  const down = await check({ ...endpoint, WINNOW_LLM_BASE_URL: "http://127.0.0.1:9/v1" });
  expect(down.problem).toMatch(/no connection .*WINNOW_LLM_BASE_URL/);
  const secret = await check({ ...endpoint, WINNOW_LLM_BASE_URL: `http://user:${KEY}@127.0.0.1/v1?k=${KEY}#${KEY}` });
  expect(secret.ok).toBe(false);
  expect(JSON.stringify([refused, down, secret])).not.toContain(KEY);
});

test("without an LLM, or with one that is not installed, it says how to get one", async () => {
  await expect(check({})).rejects.toThrow(/WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL, or give --llm local/);
  await expect(check({ WINNOW_LLM: "local", WINNOW_CACHE: "/nowhere" })).rejects.toThrow(/winnow up --llm local/);
  await expect(check({ WINNOW_LLM_MODEL: "m" })).rejects.toThrow(/WINNOW_LLM_BASE_URL is not set/);
});
