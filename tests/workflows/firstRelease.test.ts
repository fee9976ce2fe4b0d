import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress, PipelineResult } from "../../contracts/pipeline.ts";
import { startTestServer } from "../server.ts";
import { FIRST, RELEASE, type Stage, stage, untilCancelled, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function start(input: object) {
  const named = { docs: { path: docs, name: workflowId("corpus") }, ...input };
  const options = { workflowId: workflowId("pipeline"), taskQueue: QUEUES.main, args: [named] };
  return env.client.workflow.start(WORKFLOWS.pipeline, options);
}

function run(play: Stage, input: object = {}): Promise<PipelineResult> {
  return withWorkers(env, play, async () => (await start(input)).result() as Promise<PipelineResult>);
}

const UNTIL_INDEX = ["ingest", "embed@0", "buildIndex"];
const AFTER = ["prepareTraining", "train", "evaluate", "decideRelease", "promote"];

describe("a corpus that nothing measured serves", () => {
  const first = { serve: true, champion: null } as const;

  test("serves as soon as the index is built, before training; the measured release replaces that one", async () => {
    const promotions: unknown[] = [];
    const during = { promote: (change: unknown) => void promotions.push(change) };
    const play = stage({ first, during, verdict: { champion: FIRST } });
    const result = await run(play);
    expect(play.calls).toEqual([...UNTIL_INDEX, ...["firstCalibration", "commitFirst", "promote"], ...AFTER]);
    expect(promotions).toMatchObject([
      { release: FIRST, expected: null, reason: "not measured yet" },
      { release: RELEASE, expected: FIRST },
    ]);
    expect(result).toMatchObject({ release: RELEASE, first: { release: FIRST, why: "not measured yet" } });
  });

  test("names the release in progress while training goes on; a cancelled run leaves it serving", async () => {
    const play = stage({ first, during: { train: untilCancelled } });
    await withWorkers(env, play, async () => {
      const handle = await start({});
      await expect.poll(() => play.calls, { timeout: 60_000 }).toContain("train");
      expect((await handle.query<PipelineProgress>("progress")).first).toMatchObject({ release: FIRST });
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(/cancelled/i);
    });
    expect(play.promotion).toMatchObject({ release: FIRST });
  });

  test("serves nothing before a person approves, with `gate: manual`", async () => {
    const play = stage({ first });
    const result = await run(play, { gate: "manual" });
    expect(play.calls).not.toContain("promote");
    expect(result.first).toMatchObject({ release: null, why: expect.stringContaining("approves") });
  });

  test.each([{ until: "evaluate" }, { only: "deploy" }])("serves nothing in a part of a run: %j", async (part) => {
    const play = stage({ first });
    const result = await run(play, part);
    expect(play.calls).not.toContain("commitFirst");
    expect(result.first).toBeNull();
  });

  test("serves nothing without a question to place the threshold by, and the run goes on", async () => {
    const play = stage({ first, calibratedOn: 0 });
    const result = await run(play);
    expect(play.calls).toEqual([...UNTIL_INDEX, "firstCalibration", ...AFTER]);
    expect(result).toMatchObject({ promoted: true, first: { release: null } });
  });

  test("keeps the release that an interrupted run made of the same docs", async () => {
    const play = stage({ first: { serve: false, why: "serving", release: FIRST } });
    const result = await run(play);
    expect(play.calls).toEqual([...UNTIL_INDEX, ...AFTER]);
    expect(result.first).toMatchObject({ release: FIRST });
  });

  test("leaves the release that a person promoted meanwhile", async () => {
    let conflicts = 1;
    const promote = () => {
      if (conflicts-- > 0) throw ApplicationFailure.nonRetryable("another run promoted first", "PromotionConflict");
    };
    const result = await run(stage({ first, during: { promote } }));
    expect(result).toMatchObject({ promoted: true, first: { release: null } });
  });
});
