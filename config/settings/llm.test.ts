import { resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import { configuredLlm, readCliConfig, withLocalLlm } from "../cliConfig.ts";
import { withoutPassword } from "../kinds.ts";
import { readWorkerConfig } from "../workerConfig.ts";

const endpoint = { WINNOW_LLM_BASE_URL: "http://host/v1", WINNOW_LLM_MODEL: "m", WINNOW_LLM_API_KEY: "canary" };

describe("a local model", () => {
  it("reaches the workers by an absolute path, with its threshold", () => {
    const { env } = readCliConfig({ WINNOW_LLM: "local:models/a.gguf", WINNOW_LLM_MIN_SPEED: "2.5" });
    expect(readWorkerConfig(env).localLlm).toEqual({ file: resolve("models/a.gguf"), minSpeed: 2.5 });
    expect(readWorkerConfig({ WINNOW_LLM: "local" }).localLlm).toEqual({ file: null, minSpeed: 4 });
    expect(readWorkerConfig({}).localLlm).toBeNull();
  });

  it("replaces the endpoint of the environment if the option asks for it", () => {
    const { env, llm } = withLocalLlm(readCliConfig(endpoint), "local");
    expect(llm).toBeNull();
    expect(readWorkerConfig(env)).toMatchObject({ llm: null, localLlm: { file: null } });
    expect(JSON.stringify(env)).not.toContain("canary");
    expect(() => withLocalLlm(readCliConfig({}), "ollama")).toThrow(/--llm is "ollama": give local/);
  });

  it("and an endpoint contradict each other", () => {
    expect(() => readWorkerConfig({ ...endpoint, WINNOW_LLM: "local" })).toThrow(/WINNOW_LLM names a local model/);
  });
});

test("no secret of the LLM's address is shown, but the call gets it in full", () => {
  const key = "sk-canary";
  for (const address of [
    `http://user:${key}@127.0.0.1/v1?k=${key}`,
    `http://${key}@host/v1`,
    `https://host/v1#${key}`,
  ]) {
    const config = readCliConfig({ ...endpoint, WINNOW_LLM_BASE_URL: address });
    expect(JSON.stringify(config.llm), address).not.toContain(key);
    expect(withoutPassword(address), address).not.toContain(key);
    expect(configuredLlm(config)?.baseUrl).toBe(address);
  }
});

test("an address that is none of http or https is refused without its secret", () => {
  const key = "sk-canary";
  for (const address of [
    `host/v1?key=${key}`,
    `host/v1#${key}`,
    `mailto:${key}`,
    `javascript:${key}`,
    `data:${key}`,
    `ftp://user:${key}@host/v1`,
  ]) {
    expect(withoutPassword(address), address).not.toContain(key);
    expect(() => readCliConfig({ ...endpoint, WINNOW_LLM_BASE_URL: address })).toThrow(
      /^WINNOW_LLM_BASE_URL is "(?!.*sk-canary).*: give an http or https address without spaces$/,
    );
  }
});
