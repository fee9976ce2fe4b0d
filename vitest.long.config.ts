import { defineConfig } from "vitest/config";

const MINUTE = 60_000;

/** What takes longer than `npm test` may: the whole Kubernetes docs through the pipeline. */
export default defineConfig({
  test: {
    include: ["tests/**/*.long.test.ts"],
    pool: "forks",
    fileParallelism: false,
    // Minutes that a test may take which names none of its own, and its set-up: builds of servers, whole pipelines.
    testTimeout: 10 * MINUTE,
    hookTimeout: 90 * MINUTE,
  },
});
