import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * It waits for more than a minute. By its size a fresh clone would start it last, and it would delay the end of the
 * tier.
 */
const BEGUN_FIRST = "tests/workflows/pools.test.ts";

class LongestWaitFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = sorted.filter(({ moduleId }) => moduleId.endsWith(BEGUN_FIRST));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}

/** Tests of several parts together: a real Temporal server, real worker processes, recorded histories. */
export default defineConfig({
  test: {
    include: ["tests/{workflows,replay,faults}/**/*.test.ts"],
    exclude: ["**/*.long.test.ts"],
    pool: "forks",
    // These tests mostly wait for timeouts and pauses.
    maxWorkers: 3,
    sequence: { sequencer: LongestWaitFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
});
