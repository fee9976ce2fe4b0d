import { expect, test } from "vitest";
import { renderLlmCheck } from "./commands/llm.ts";
import { renderLlm } from "./renderLlm.ts";

const tiny = { model: "tiny", baseUrl: "http://127.0.0.1:1/v1", seconds: 1.25, tokensPerSecond: 7.5, problem: null };

test("a check shows latency, speed and the first words, without what could steer a terminal", () => {
  expect(renderLlmCheck({ ok: true, ...tiny, reply: "one\u001b[2J two\u202e\nthree" })).toBe(
    "✔ tiny at http://127.0.0.1:1/v1: answered in 1.3 s, 7.5 tokens/s\n  one [2J two three",
  );
  expect(renderLlmCheck({ ok: true, ...tiny, tokensPerSecond: null, reply: "x".repeat(500) })).toMatch(
    /answered in 1\.3 s\n {2}x{100}…$/,
  );
});

test("a failed check shows what is wrong", () => {
  const failed = { ok: false, ...tiny, seconds: null, tokensPerSecond: null, reply: null };
  expect(renderLlmCheck({ ...failed, problem: "answered 401; check the key" })).toBe(
    "✘ tiny at http://127.0.0.1:1/v1\n  answered 401; check the key",
  );
});

test("the LLM line says whose it is, how fast, and why answers are quoted", () => {
  const none = { llm: null, llmFrom: { origin: "shell" as const, note: null }, ollama: null };
  const local = { model: "smollm2", baseUrl: "local" };
  expect(renderLlm(none)).toEqual(["none: answers are quoted from the docs"]);
  expect(renderLlm({ ...none, llm: { model: "m", baseUrl: "http://h/v1" } })).toEqual([
    "m at http://h/v1 (set in this shell; no workers run)",
  ]);
  expect(renderLlm({ ...none, llm: local, llmFrom: { origin: "workers", note: "41 tokens/s" } })).toEqual([
    "smollm2, run by the workers; 41 tokens/s",
  ]);
  const ollama = { baseUrl: "http://127.0.0.1:11434/v1", models: ["llama3.2", "qwen3"] };
  expect(renderLlm({ ...none, ollama })[1]).toMatch(/^Ollama is running with llama3\.2: export WINNOW_LLM_BASE_URL=/);
});
