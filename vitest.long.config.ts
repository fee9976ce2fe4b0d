import { defineConfig } from "vitest/config";

const MINUTE = 60_000;

/** Tests that are too long for `npm test`, such as the whole Kubernetes docs through the pipeline, and fuzzers. */
export default defineConfig({
  test: {
    include: ["tests/**/*.long.test.ts"],
    pool: "forks",
    fileParallelism: false,
    // For set-up, and for tests without a timeout of their own: builds of servers, whole pipelines.
    testTimeout: 10 * MINUTE,
    hookTimeout: 90 * MINUTE,
  },
});
