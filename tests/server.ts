import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { DefaultLogger, Runtime } from "@temporalio/worker";

/** Cache of downloads. */
export const cache =
  process.env.WINNOW_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "winnow");

/** Cache of bundled workflows, shared by all tests, since bundling takes seconds of processor time. */
export const BUNDLES = join(cache, "workflows");

/** The Temporal CLI from the cache, otherwise from PATH. Throws if there is none. */
export function temporalBinary(): string {
  const places = [join(cache, "bin"), ...(process.env.PATH ?? "").split(delimiter)];
  const found = places.map((folder) => join(folder, "temporal")).find((file) => existsSync(file));
  if (!found) throw new Error("there is no `temporal` here: `npm start` or `npm test` sets it up");
  return found;
}

// Once per process. Only errors of the server and the SDK are logged.
Runtime.install({
  logger: new DefaultLogger("ERROR"),
  telemetryOptions: { logging: { forward: {}, filter: "ERROR" } },
});

const SEARCH_ATTRIBUTES = [
  defineSearchAttributeKey("WinnowCorpus", SearchAttributeType.KEYWORD),
  defineSearchAttributeKey("WinnowRelease", SearchAttributeType.KEYWORD),
  defineSearchAttributeKey("WinnowStage", SearchAttributeType.KEYWORD),
  defineSearchAttributeKey("WinnowOutcome", SearchAttributeType.KEYWORD),
  defineSearchAttributeKey("WinnowNdcg", SearchAttributeType.DOUBLE),
];

/** A real server in memory; with `searchAttributes: false` it lacks Winnow's. */
export function startTestServer({ searchAttributes = true } = {}): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: "existing-path", path: temporalBinary() },
      searchAttributes: searchAttributes ? SEARCH_ATTRIBUTES : [],
      log: { format: "json", level: "error" },
    },
  });
}
