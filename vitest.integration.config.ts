import { defineConfig } from "vitest/config";

/** Tests that need several parts: a real Temporal server, real worker processes, recorded histories. */
export default defineConfig({
  test: {
    include: ["tests/{workflows,replay,faults}/**/*.test.ts"],
    exclude: ["**/*.long.test.ts"],
    pool: "forks",
    // These wait for time-outs and pauses more than they compute.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
});
