import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Unit tests: beside the code, no server, no weights beyond the tokenizer, under a minute. */
export default defineConfig({
  test: {
    include: [
      "{contracts,config,core,workflows,activities,workers,client,cli}/**/*.test.ts",
      "scripts/**/*.test.{mjs,ts}",
    ],
    exclude: ["**/*.slow.test.ts"],
    setupFiles: ["tests/seed.ts"],
    pool: "forks",
    // Modules hold no state that tests could hand on, so files share a process: loading ONNX Runtime anew for each took half the time.
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For a machine that is busy with other things: what ends, ends in seconds.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
