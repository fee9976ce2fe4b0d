import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { carryOut } from "../../client/decisions.ts";
import { localSettings } from "../../client/testing/settings.ts";
import { approvalId, corpusLockId, QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ApprovalDecision, ApprovalResult } from "../../contracts/release.ts";
import { stateFolder } from "../../core/upkeep/testing/homeFixture.ts";
import { startTestServer } from "../server.ts";
import { RELEASE, type Stage, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
const OTHER = "ffffffffffff";
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

/** A completed manual run, and the approval workflow that it started. */
async function candidate(corpus: string, input: object = {}) {
  const args = [{ docs: { path: docs, name: corpus }, gate: "manual", ...input }];
  const handle = await env.client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: workflowId("pipeline"),
    taskQueue: QUEUES.main,
    args,
  });
  const result = (await handle.result()) as PipelineResult;
  return { result, waiting: env.client.workflow.getHandle(approvalId(corpus)) };
}
type Waiting = Awaited<ReturnType<typeof candidate>>["waiting"];

const send = (waiting: Waiting, update: "approve" | "reject", decision: Partial<ApprovalDecision>) =>
  waiting.executeUpdate<ApprovalResult, [Partial<ApprovalDecision>]>(update, { args: [decision] });

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error) => error.cause ?? error,
  );

const play = (verdict: Stage["verdict"] = {}) => stage({ verdict });

test("a candidate waits, the run ends and frees its corpus; `approve` promotes it and reports that to the sender", async () => {
  const corpus = workflowId("corpus");
  const acted = play();
  await withWorkers(env, acted, async () => {
    const { result, waiting } = await candidate(corpus);
    expect(result).toMatchObject({
      status: "completed",
      promoted: false,
      release: RELEASE,
      approval: approvalId(corpus),
    });
    expect(result.reason).toMatch(/waits for approval .*winnow releases approve/);
    expect(acted.calls).not.toContain("promote");
    expect((await env.client.workflow.getHandle(corpusLockId(corpus)).describe()).status.name).toBe("COMPLETED");
    const { searchAttributes } = await waiting.describe();
    expect(searchAttributes).toMatchObject({
      WinnowCorpus: [corpus],
      WinnowRelease: [RELEASE],
      WinnowOutcome: ["waiting"],
    });

    const decision = { by: "dana", reason: "read the report", release: RELEASE.slice(0, 6) };
    const decided = { corpus, release: RELEASE, outcome: "approved", by: "dana", reason: "read the report" };
    expect(await send(waiting, "approve", decision)).toEqual(decided);
    expect(await waiting.result()).toEqual(decided);
    expect(acted.calls.slice(-2)).toEqual(["verifyRelease", "promote"]);
    expect(acted.promotion).toMatchObject({ by: "dana", reason: "read the report", kind: "promotion" });
  });
});

test("`reject` keeps it back", async () => {
  const acted = play();
  await withWorkers(env, acted, async () => {
    const { waiting } = await candidate(workflowId("corpus"));
    expect(await send(waiting, "reject", { by: "dana" })).toMatchObject({ outcome: "rejected", by: "dana" });
    expect(await waiting.result()).toMatchObject({ outcome: "rejected" });
  });
  expect(acted.calls).not.toContain("promote");
});

test("a lost must-pass question may be approved; other refusals of the gate need no decision", async () => {
  const corpus = workflowId("corpus");
  await withWorkers(env, play({ promoted: false, approvable: true }), async () => {
    const { waiting } = await candidate(corpus);
    expect(await send(waiting, "approve", { by: "dana" })).toMatchObject({ outcome: "approved" });
  });
  await withWorkers(env, play({ promoted: false, approvable: false }), async () => {
    const { result } = await candidate(workflowId("corpus"));
    expect(result).toMatchObject({ promoted: false, approval: null, reason: "worse" });
  });
});

test("without a decision in time, the candidate is kept, not promoted", async () => {
  const acted = play();
  await withWorkers(env, acted, async () => {
    const { waiting } = await candidate(workflowId("corpus"), { approvalHours: 1 / 3600 });
    expect(await waiting.result()).toMatchObject({ outcome: "timed out", by: null });
  });
  expect(acted.calls).not.toContain("promote");
});

test("an approval time that rounds to zero still times out", async () => {
  await withWorkers(env, play(), async () => {
    const { waiting } = await candidate(workflowId("corpus"), { approvalHours: 1e-8 });
    expect(await waiting.result()).toMatchObject({ outcome: "timed out" });
  });
});

test("a candidate that arrives during a promotion waits for it with few history events", async () => {
  const corpus = workflowId("corpus");
  const acted = play();
  let finish = () => {};
  const reading = new Promise<void>((settle) => (finish = settle));
  acted.during.verifyRelease = () => reading;
  await withWorkers(env, acted, async () => {
    const first = await candidate(corpus);
    const run = (await first.waiting.describe()).runId;
    const approved = send(first.waiting, "approve", { by: "dana" });
    await expect.poll(() => acted.calls).toContain("verifyRelease");
    acted.verdict = { release: OTHER };
    const args = [{ docs: { path: docs, name: corpus }, gate: "manual" }];
    const options = { workflowId: workflowId("pipeline"), taskQueue: QUEUES.main, args };
    const next = await env.client.workflow.start(WORKFLOWS.pipeline, options);
    const tries = async () =>
      (await next.fetchHistory()).events?.filter((event) => event.startChildWorkflowExecutionFailedEventAttributes);
    await expect.poll(tries).toHaveLength(2);
    await new Promise((settle) => setTimeout(settle, 6000));
    expect((await tries())!.length).toBeLessThan(7);
    finish();
    expect(await approved).toMatchObject({ outcome: "approved", release: RELEASE });
    expect(await next.result()).toMatchObject({ release: OTHER, approval: approvalId(corpus) });
    expect((await first.waiting.describe()).runId).not.toBe(run);
    await first.waiting.terminate();
  });
});

test("the next candidate replaces the waiting one", async () => {
  const corpus = workflowId("corpus");
  const acted = play();
  await withWorkers(env, acted, async () => {
    const first = await candidate(corpus);
    const run = (await first.waiting.describe()).runId;
    acted.verdict = { release: OTHER };
    const second = await candidate(corpus);
    expect(second.result).toMatchObject({ status: "completed", release: OTHER, approval: approvalId(corpus) });
    const old = env.client.workflow.getHandle(approvalId(corpus), run);
    expect(await old.result()).toMatchObject({
      release: RELEASE,
      outcome: "superseded",
      reason: expect.stringContaining(OTHER),
    });
    const wrong = await failureOf(send(second.waiting, "approve", { by: "dana", release: RELEASE }));
    expect(wrong.message).toMatch(new RegExp(`${OTHER} waits for approval, not ${RELEASE}`));
    expect(await send(second.waiting, "approve", { by: "dana" })).toMatchObject({ release: OTHER });
  });
});

test("approving a replaced candidate names the newer one at once; a promotion that no worker carries out is waited for a while, and stays open", async () => {
  const corpus = workflowId("corpus");
  const state = stateFolder();
  const { id: release } = await state.release(1, corpus);
  const places = localSettings(state.home);
  const client = env.client as Client;
  const by = { by: "dana", reason: "read the report", expected: null };
  await withWorkers(env, play({ release: OTHER }), async () => {
    const { waiting } = await candidate(corpus);
    const began = Date.now();
    await expect(carryOut(client, places, { action: "approve", release, ...by })).rejects.toMatchObject({
      code: "PromotionConflict",
      message: expect.stringContaining(`release ${OTHER} is the newer candidate`),
    });
    expect(Date.now() - began).toBeLessThan(5000);
    await waiting.terminate();
  });
  const late = await carryOut(client, places, { action: "promote", release, ...by }, { patienceMs: 1000 });
  expect(late).toMatchObject({ release, changed: null });
  const query = `WorkflowType = "promote" AND ExecutionStatus = "Running"`;
  const open = async () => {
    const ids: string[] = [];
    for await (const { workflowId: id } of client.workflow.list({ query })) ids.push(id);
    return ids;
  };
  await expect.poll(open).toContainEqual(expect.stringContaining(`promote-${release}`));
  for (const id of await open()) await client.workflow.getHandle(id).terminate();
});

test("an approval without a name is refused, and the candidate still waits", async () => {
  await withWorkers(env, play(), async () => {
    const { waiting } = await candidate(workflowId("corpus"));
    expect((await failureOf(send(waiting, "approve", {}))).message).toMatch(/by: the name of who decides is missing/);
    expect((await waiting.describe()).status.name).toBe("RUNNING");
    await waiting.terminate();
  });
});

test("an approval after another promotion fails for its sender, and changes nothing", async () => {
  const acted = play();
  acted.during.promote = () => {
    throw ApplicationFailure.nonRetryable("The champion of k8s is b, not a", "PromotionConflict");
  };
  await withWorkers(env, acted, async () => {
    const { waiting } = await candidate(workflowId("corpus"));
    expect((await failureOf(send(waiting, "approve", { by: "dana" }))).message).toMatch(/The champion of k8s is b/);
    expect(await waiting.result()).toMatchObject({ outcome: "failed", by: "dana" });
  });
});
