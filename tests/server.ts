import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { DefaultLogger, Runtime } from "@temporalio/worker";

const cache = process.env.WINNOW_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "winnow");

/** Where bundled workflows are kept, which all tests share: bundling takes seconds of processor time. */
export const BUNDLES = join(cache, "workflows");

/** The Temporal CLI that set-up cached, else the one on PATH. Throws where there is none. */
export function temporalBinary(): string {
  const places = [join(cache, "bin"), ...(process.env.PATH ?? "").split(delimiter)];
  const found = places.map((folder) => join(folder, "temporal")).find((file) => existsSync(file));
  if (!found) throw new Error("there is no `temporal` here: `npm start` or `npm test` sets it up");
  return found;
}

// Once a process; what the server and the SDK say is of interest only when it is an error.
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

/** A real server in memory; with `searchAttributes: false` it knows none of Winnow's. */
export function startTestServer({ searchAttributes = true } = {}): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: "existing-path", path: temporalBinary() },
      searchAttributes: searchAttributes ? SEARCH_ATTRIBUTES : [],
      log: { format: "json", level: "error" },
    },
  });
}
