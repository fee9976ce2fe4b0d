import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { parseFailpoints } from "./failpoints.ts";

test("everything has a default, and WINNOW_HOME moves all state", () => {
  expect(readConfig({})).toMatchObject({
    temporal: { address: "127.0.0.1:7233", namespace: "default" },
    llm: null,
    threads: undefined,
    failpoint: null,
  });
  expect(readConfig({ WINNOW_HOME: "/data/w" }).home).toBe("/data/w");
});

test("compute processes inherit no secret", () => {
  const env = { PATH: "/bin", WINNOW_LLM_API_KEY: "sk-1", AWS_SECRET_ACCESS_KEY: "x", TEMPORAL_API_KEY: "y" };
  expect(readConfig(env).computeEnv).toEqual({ PATH: "/bin" });
});

test("half an LLM, and threads that are no number, are refused by name", () => {
  expect(() => readConfig({ WINNOW_LLM_BASE_URL: "http://127.0.0.1:11434/v1" })).toThrow(/WINNOW_LLM_MODEL is not set/);
  expect(() => readConfig({ WINNOW_THREADS: "many" })).toThrow(/WINNOW_THREADS is "many"/);
});

test("a key meant for another service is not picked up", () => {
  const env = { WINNOW_LLM_BASE_URL: "http://localhost/v1", WINNOW_LLM_MODEL: "m", OPENAI_API_KEY: "sk-other" };
  expect(readConfig(env).llm).toEqual({ baseUrl: "http://localhost/v1", model: "m", apiKey: undefined });
});

test("failpoints are inert unless set, and a wrong one is refused", async () => {
  await parseFailpoints(null)("store.before-rename");
  const points = parseFailpoints("store.before-rename:throw,champion.before-link:hang");
  await points("store.after-rename");
  await expect(points("store.before-rename")).rejects.toThrow("failpoint store.before-rename");
  expect(() => parseFailpoints("store.before-rename:explode")).toThrow(/exit, throw, hang/);
});
