import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{contracts,core,workflows,activities,workers,cli,scripts,bench}/**/*.test.ts"],
    pool: "forks",
    testTimeout: 30_000,
  },
});
