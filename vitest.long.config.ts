import { defineConfig } from "vitest/config";

/** What takes longer than `npm test` may: the whole Kubernetes docs through the pipeline. */
export default defineConfig({
  test: {
    include: ["tests/**/*.long.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
