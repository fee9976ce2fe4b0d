import { defineConfig } from "vitest/config";

/** Leaves out what needs Chromium, where it cannot be had. Without it, a missing Chromium skips, and fails in CI. */
const withoutBrowser = process.env.WINNOW_TEST_NO_BROWSER === "1";

/**
 * The command as a user runs it, and the page as a person sees it: the real pipeline on the sample docs, with real
 * weights and a real Temporal server.
 */
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.test.ts", "tests/browser/**/*.test.ts"],
    exclude: ["**/*.long.test.ts", ...(withoutBrowser ? ["tests/browser/**"] : [])],
    globalSetup: "tests/e2e/sampleRelease.ts",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
