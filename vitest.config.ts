import { defineConfig } from "vitest/config";

/** Unit tests: beside the code, no server, no weights beyond the tokenizer, under a minute. */
export default defineConfig({
  test: {
    include: ["{contracts,core,workflows,activities,workers,cli,web}/**/*.test.ts", "scripts/**/*.test.mjs"],
    exclude: ["**/*.slow.test.ts"],
    pool: "forks",
    testTimeout: 30_000,
  },
});
