import { defineConfig } from "vitest/config";

/** Tests that need several parts: a real Temporal server, real worker processes, recorded histories. */
export default defineConfig({
  test: {
    include: ["tests/{workflows,replay,faults}/**/*.test.ts"],
    exclude: ["**/*.long.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
});
