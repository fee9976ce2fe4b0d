import { defineConfig } from "vitest/config";

/**
 * Tests beside the code that need real weights or the Kubernetes docs. They run one at a time: each uses every core.
 */
export default defineConfig({
  test: {
    include: ["{core,activities,workers,client,http,mcp,cli}/**/*.slow.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
