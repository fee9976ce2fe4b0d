import { expect, it } from "vitest";
import { computeOptions, readCliConfig } from "./cliConfig.ts";

it("compute processes of commands get threads and provider from the environment, and no secrets", () => {
  const states = { WINNOW_STATES_MB: "7", WINNOW_STATES_DISK_MB: "0" };
  const stateLimits = { memoryBytes: 7 * 2 ** 20, disk: null };
  const env = {
    ...states,
    WINNOW_THREADS: "3",
    WINNOW_PROVIDER: "cuda",
    LD_LIBRARY_PATH: "/cuda",
    WINNOW_LLM_API_KEY: "secret",
  };
  expect(computeOptions(readCliConfig(env))).toEqual({
    threads: 3,
    provider: "cuda",
    stateLimits,
    env: { LD_LIBRARY_PATH: "/cuda" },
  });
  expect(computeOptions(readCliConfig(states))).toEqual({ threads: undefined, provider: "cpu", stateLimits, env: {} });
});

it("an invalid number of threads or provider is refused with the name of its variable", () => {
  for (const text of ["many", "0", "1.5"])
    expect(() => readCliConfig({ WINNOW_THREADS: text })).toThrow(`WINNOW_THREADS is "${text}"`);
  expect(() => readCliConfig({ WINNOW_PROVIDER: "rocm" })).toThrow(/WINNOW_PROVIDER is "rocm": give cpu or cuda/);
});
