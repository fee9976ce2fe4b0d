import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { progressReporter } from "../../activities/reportProgress.ts";
import { QUEUES, STAGE_PROGRESS, STAGES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress, StageProgress } from "../../contracts/pipeline.ts";
import type { EmbedInput } from "../../core/stages/embed.ts";
import { startTestServer, temporalBinary } from "../server.ts";
import { RELEASE, stage, withWorkers, workflowId } from "./stubs.ts";

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

test("the details of a run in the Web UI follow its stages, and end with its result", async () => {
  const id = workflowId("pipeline");
  const details = async () => {
    const told = await env.client.workflow.getHandle(id).query("__temporal_workflow_metadata");
    return (told as { currentDetails: string }).currentDetails;
  };
  let during = "";
  const play = stage();
  play.during.train = async () => {
    during = await details();
  };
  await withWorkers(env, play, async () => {
    const args = [{ docs: { path: "samples", name: id } }];
    await env.client.workflow.execute(WORKFLOWS.pipeline, { workflowId: id, taskQueue: QUEUES.main, args });
    expect(during).toMatch(/\| build-index \| done \| [\d.]+ \|/);
    expect(during).toMatch(/\| train \| running \|/);
    expect(during).toMatch(/\| deploy \| +\|/);
    const table = (await details()).split("\n").filter((line) => / (done|running) /.test(line));
    expect(table.map((line) => line.split("|")[1]!.trim())).toEqual([...STAGES]);
    expect(table.join()).not.toContain("running");
  });
});

test("a long stage reports its progress in the details and in the query", async () => {
  const id = workflowId("pipeline");
  const handle = env.client.workflow.getHandle(id);
  const details = async () =>
    (await handle.query<{ currentDetails: string }>("__temporal_workflow_metadata")).currentDetails;
  const play = stage();
  play.during.train = async () => {
    progressReporter("train", 0)({ step: 3, of: 10, note: "loss 0.4 | 2 min left" });
    await expect
      .poll(details, { timeout: 60_000 })
      .toContain("| train | running | | 3 of 10 (loss 0.4   2 min left) |");
    expect(await handle.query("progress")).toMatchObject({ stage: "train", note: "3 of 10 (loss 0.4   2 min left)" });
    await handle.signal(STAGE_PROGRESS, { stage: "embed", note: "late" } satisfies StageProgress);
    expect(await details()).not.toContain("late");
  };
  await withWorkers(env, play, async () => {
    const args = [{ docs: { path: "samples", name: id } }];
    await env.client.workflow.execute(WORKFLOWS.pipeline, { workflowId: id, taskQueue: QUEUES.main, args });
    expect(await details()).not.toContain("loss 0.4");
    expect(await handle.query("progress")).toMatchObject({ stage: null, note: null });
  });
});

test("for embedding in shards, the details count finished shards", async () => {
  const id = workflowId("pipeline");
  const handle = env.client.workflow.getHandle(id);
  const note = async () => (await handle.query<PipelineProgress>("progress")).note;
  const play = stage({ passages: 11_500 });
  play.during.embed = async (input) => {
    if ((input as EmbedInput).first > 0) await expect.poll(note, { timeout: 60_000 }).toBe("1 of 2 shards");
  };
  await withWorkers(env, play, async () => {
    const args = [{ docs: { path: "samples", name: id }, until: "embed" }];
    await env.client.workflow.execute(WORKFLOWS.pipeline, { workflowId: id, taskQueue: QUEUES.main, args });
  });
});

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
