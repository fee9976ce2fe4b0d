import { expect, it } from "vitest";
import { computeOptions, readCliConfig } from "./cliConfig.ts";

it("compute processes of commands get threads and provider from the environment, and no secrets", () => {
  const env = { WINNOW_THREADS: "3", WINNOW_PROVIDER: "cuda", LD_LIBRARY_PATH: "/cuda", WINNOW_LLM_API_KEY: "secret" };
  expect(computeOptions(readCliConfig(env))).toEqual({
    threads: 3,
    provider: "cuda",
    env: { LD_LIBRARY_PATH: "/cuda" },
  });
  expect(computeOptions(readCliConfig({}))).toEqual({ threads: undefined, provider: "cpu", env: {} });
});

it("an invalid number of threads or provider is refused with the name of its variable", () => {
  for (const text of ["many", "0", "1.5"])
    expect(() => readCliConfig({ WINNOW_THREADS: text })).toThrow(`WINNOW_THREADS is "${text}"`);
  expect(() => readCliConfig({ WINNOW_PROVIDER: "rocm" })).toThrow(/WINNOW_PROVIDER is "rocm": give cpu or cuda/);
});
