import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, Worker } from "@temporalio/worker";
import { DeterminismViolationError } from "@temporalio/workflow";
import { beforeAll, describe, expect, test } from "vitest";
import { traceSinks } from "../../activities/tracing.ts";
import { workflowBundle } from "../../workers/workflowBundle.ts";
import { BUNDLES } from "../server.ts";

const folder = new URL("./histories/", import.meta.url);
const histories = readdirSync(folder).map((name) => ({
  name: name.replace(".json", ""),
  history: JSON.parse(readFileSync(new URL(name, folder), "utf8")),
}));

describe.each([
  { traced: false, where: "" },
  { traced: true, where: ", also with traces on" },
])("today's workflows replay recorded histories$where", ({ traced }) => {
  const sinks = traced ? traceSinks({ record() {}, async close() {} }) : undefined;
  let bundle: Awaited<ReturnType<typeof workflowBundle>>;
  beforeAll(async () => {
    bundle = await workflowBundle(BUNDLES, { traced });
  });

  test("every path has a recorded history", () => {
    expect(histories.map(({ name }) => name).sort()).toEqual([
      "approval-approved",
      "approval-rejected",
      "approval-superseded",
      "approval-timed-out",
      "ask-abstained",
      "ask-degraded",
      "ask-llm",
      "ask-quoted",
      "lock-released",
      "pipeline-already-running",
      "pipeline-bad-input",
      "pipeline-cancelled",
      "pipeline-chosen-model",
      "pipeline-failed",
      "pipeline-first-release",
      "pipeline-in-shards",
      "pipeline-index-only",
      "pipeline-interrupted",
      "pipeline-manual",
      "pipeline-memo",
      "pipeline-not-trained",
      "pipeline-only",
      "pipeline-promoted",
      "pipeline-refused",
      "pipeline-trained-after-all",
      "pipeline-unchanged",
      "promote",
      "rollback",
    ]);
  });

  test.each(histories)("$name", async ({ name, history }) => {
    await Worker.runReplayHistory({ workflowBundle: bundle, sinks }, history, name);
  });
});

test("a workflow whose stages were exchanged without a patch fails the replay", async () => {
  const workflowsPath = fileURLToPath(new URL("./reordered.ts", import.meta.url));
  const reordered = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger("ERROR") });
  const { history } = histories.find(({ name }) => name === "pipeline-promoted")!;
  const failure = await Worker.runReplayHistory({ workflowBundle: reordered }, history).catch((error) => error);
  expect(failure).toBeInstanceOf(DeterminismViolationError);
  // Everything before the exchange is as recorded.
  expect(failure.message).toMatch(/'ingest'.*'embed'|'embed'.*'ingest'/);
});
