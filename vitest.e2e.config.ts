import { defineConfig } from "vitest/config";

/**
 * The command as a user runs it: the real pipeline on the sample docs, with real weights and a real Temporal server.
 */
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.test.ts"],
    exclude: ["**/*.long.test.ts"],
    globalSetup: "tests/e2e/sampleRelease.ts",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
