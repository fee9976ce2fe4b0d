import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { startTestServer, temporalBinary } from "../server.ts";
import { RELEASE, stage, withWorkers, workflowId } from "./stubs.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

test("a question is found by corpus, release and outcome, with Temporal's own command too", async () => {
  const id = workflowId("ask-refused");
  const options = { workflowId: id, taskQueue: QUEUES.main, args: [{ question: "tulips?" }] };
  await withWorkers(env, stage({ abstain: true }), () => env.client.workflow.execute(WORKFLOWS.ask, options));
  const query = `WorkflowType = "ask" AND WinnowCorpus = "sample" AND WinnowRelease = "${RELEASE}" AND WinnowOutcome = "abstained"`;
  const args = ["workflow", "list", "--query", query, "--output", "json", "--address", env.address];
  const listed = async () => {
    const { stdout } = await promisify(execFile)(temporalBinary(), args);
    return JSON.parse(stdout).map(({ execution }: { execution: { workflowId: string } }) => execution.workflowId);
  };
  await expect.poll(listed, { timeout: 60_000, interval: 500 }).toContain(id);
});
