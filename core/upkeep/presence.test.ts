import { expect, test } from "vitest";
import { llmOfIdentity, presenceIdentity, workersLlm } from "./presence.ts";
import type { DescribedQueue } from "./queueLoads.ts";

const llm = { model: "llama3.2", baseUrl: "http://127.0.0.1:11434/v1", note: null };
const secondsAgo = (seconds: number) => ({ seconds: BigInt(Math.floor(Date.now() / 1000) - seconds), nanos: 0 });
const asked = (pollers: DescribedQueue["pollers"]) => workersLlm("default", async () => ({ pollers }));

test("an identity carries process and LLM, within the server's limit", () => {
  const identity = presenceIdentity("12@host", llm);
  expect(identity).toMatch(/^12@host /);
  expect(llmOfIdentity(identity)).toEqual(llm);
  const long = presenceIdentity("12@host", {
    model: "m".repeat(5000),
    baseUrl: "u".repeat(5000),
    note: "n".repeat(5000),
  });
  expect(long.length).toBeLessThan(1000);
  expect(llmOfIdentity(long)?.model).toHaveLength(200);
});

test("other identities report nothing", () => {
  for (const other of [
    null,
    undefined,
    "",
    "12@host",
    "12@host {",
    "12@host {}",
    "12@host null",
    '12@host {"llm":null}',
  ])
    expect(llmOfIdentity(other)).toBeNull();
  expect(llmOfIdentity('12@host {"llm":{"model":7}}')).toEqual({ model: null, baseUrl: null, note: null });
});

test("the worker that polled last counts, and one that is gone does not", async () => {
  const quoting = presenceIdentity("2@host", { model: null, baseUrl: null, note: "3 tokens/s: too slow here" });
  const old = { identity: presenceIdentity("1@host", llm), lastAccessTime: secondsAgo(40) };
  expect(await asked([old])).toEqual(llm);
  expect((await asked([old, { identity: quoting, lastAccessTime: secondsAgo(2) }]))?.note).toContain("too slow");
  expect(await asked([{ ...old, lastAccessTime: secondsAgo(200) }])).toBeNull();
  expect(await asked(null)).toBeNull();
});
