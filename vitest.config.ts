import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import architecture from "./architecture.json" with { type: "json" };

const rooms = [...new Set(architecture.floors.flat().map(({ room }) => room.split("/")[0]))];

/** Unit tests beside the code: no server, and no weights except the tokenizer's. */
export default defineConfig({
  test: {
    include: [
      ...rooms.map((room) => `${room}/**/*.test.{ts,tsx}`),
      "scripts/**/*.test.{mjs,ts}",
      "tests/soak/*.test.ts",
    ],
    exclude: ["**/*.slow.test.ts"],
    setupFiles: ["tests/seed.ts"],
    pool: "forks",
    // Modules keep no state between tests, so files share a process. Loading ONNX Runtime for each took half the time.
    isolate: false,
    // One more than cores: tests also wait, for compute processes and disks.
    maxWorkers: Math.max(2, availableParallelism() + 1),
    // Without it, buffers of tiny models start a collection of the whole heap every few files, a fifth of all work.
    execArgv: ["--max-semi-space-size=64", "--initial-old-space-size=1024"],
    // Generous for busy machines; the tests take seconds.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
