import { defineConfig } from "vitest/config";

/** The pipeline on a multi-service Temporal server with PostgreSQL, built and started for the test. */
export default defineConfig({
  test: {
    include: ["tests/cluster/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 1_800_000,
  },
});
