import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { MAX_PAYLOAD_BYTES, QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { EvaluateInput } from "../../core/stages/evaluate.ts";
import type { PrepareInput } from "../../core/stages/prepareTraining.ts";
import { startTestServer } from "../server.ts";
import { historySizeOf } from "./historySize.ts";
import { ref, type Stage, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function start(input: object) {
  const args = [{ docs: { path: docs, name: workflowId("corpus") }, ...input }];
  return env.client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: workflowId("pipeline"),
    taskQueue: QUEUES.main,
    args,
  });
}

function run(play: Stage, input: object = {}): Promise<unknown> {
  return withWorkers(env, play, async () => (await start(input)).result());
}

test.each([
  [6000, [0]],
  [11_515, [0, 5758]],
  [30_001, [0, 5000, 10_000, 15_001, 20_001, 25_001]],
])("embeds %i passages in shards that begin at %j, and indexes them in order", async (passages, starts) => {
  const play = stage({ passages });
  const asked: { first: number; last: number; alone: boolean }[] = [];
  play.during.embed = (input) => void asked.push(input as (typeof asked)[number]);
  let indexed: ArtifactRef[] = [];
  play.during.buildIndex = (input) => {
    indexed = (input as { embed: ArtifactRef[] }).embed;
  };
  await run(play, { until: "build-index" });
  asked.sort((a, b) => a.first - b.first);
  expect(asked.map(({ first }) => first)).toEqual(starts);
  expect(asked.map(({ last }) => last)).toEqual([...starts.slice(1), passages]);
  expect(asked.every(({ alone }) => alone === (starts.length === 1))).toBe(true);
  expect(indexed).toEqual(starts.map((first) => ref(`embed@${first}`)));
});

describe("training data", () => {
  const shardsOf = (play: Stage) => play.calls.filter((call) => call.startsWith("mineShard")).sort();

  test("is mined by all workers if there are enough passages", async () => {
    const play = stage({ passages: 11_000, workers: 3 });
    let mined: ArtifactRef[] = [];
    play.during.prepareTraining = (input) => {
      mined = (input as PrepareInput).mined;
    };
    await run(play, { until: "train" });
    expect(shardsOf(play)).toEqual(["mineShard@0", "mineShard@1", "mineShard@2"]);
    expect(mined).toEqual(shardsOf(play).map(ref));
  });

  test("is mined in one piece by one worker, from few passages, or if it is cached", async () => {
    for (const [play, input] of [
      [stage({ passages: 11_000, workers: 1 }), {}],
      [stage({ passages: 3000, workers: 3 }), {}],
      [stage({ passages: 11_000, workers: 3 }), { only: "evaluate" }],
    ] as const) {
      await run(play, { until: "evaluate", ...input });
      expect(shardsOf(play)).toEqual([]);
    }
  });
});

describe("an evaluation of many questions", () => {
  test("has its pairs scored in shards before the evaluation", async () => {
    const play = stage({ questions: 900 });
    let scores: ArtifactRef[] = [];
    play.during.evaluate = (input) => {
      scores = (input as EvaluateInput).scores;
    };
    await run(play, { until: "evaluate" });
    const shards = ["scoreShard@0", "scoreShard@1", "scoreShard@2"];
    expect(play.calls.filter((call) => call.startsWith("scoreShard")).sort()).toEqual(shards);
    expect(scores).toEqual(shards.map(ref));
  });

  test("is split by the number of workers, and not at all for one", async () => {
    const alone = stage({ questions: 200 });
    await run(alone, { until: "evaluate" });
    expect(alone.calls.filter((call) => call.startsWith("scoreShard"))).toEqual([]);
    const play = stage({ questions: 200, workers: 2 });
    await run(play, { until: "evaluate" });
    expect(play.calls.filter((call) => call.startsWith("scoreShard")).sort()).toEqual(["scoreShard@0", "scoreShard@1"]);
  });
});

test("a million passages fit one history of under 2,000 events, none of whose payloads is over 64 KB", async () => {
  const play = stage({ passages: 1_000_000 });
  await withWorkers(env, play, async () => {
    const handle = await start({});
    await handle.result();
    expect(play.calls.filter((call) => call.startsWith("embed@"))).toHaveLength(50);
    const { events } = await handle.fetchHistory();
    const size = historySizeOf(events!);
    expect(size.events).toBeLessThan(2000);
    expect(size.payloads).toBeGreaterThan(100);
    expect(size.largestBytes).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  });
});
