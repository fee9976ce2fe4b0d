import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EvaluateInput } from "../../activities/evaluate.ts";
import type { PrepareInput } from "../../activities/train.ts";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { MAX_PAYLOAD_BYTES, QUEUES, WORKFLOWS } from "../../contracts/names.ts";
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

test("embeds a large corpus in shards that cover it, and indexes all of them", async () => {
  const play = stage({ passages: 100_001 });
  let shards = 0;
  play.during.buildIndex = (input) => {
    shards = (input as { embed: unknown[] }).embed.length;
  };
  await run(play, { until: "build-index" });
  const embedded = play.calls.filter((call) => call.startsWith("embed"));
  expect([...embedded].sort()).toEqual(
    ["embed@0", "embed@100000", "embed@20000", "embed@40000", "embed@60000", "embed@80000"].sort(),
  );
  expect(shards).toBe(6);
});

describe("training data", () => {
  const shardsOf = (play: Stage) => play.calls.filter((call) => call.startsWith("mineShard")).sort();

  test("is mined by as many workers as there are, from enough passages", async () => {
    const play = stage({ passages: 11_000, workers: 3 });
    let mined: ArtifactRef[] = [];
    play.during.prepareTraining = (input) => {
      mined = (input as PrepareInput).mined!;
    };
    await run(play, { until: "train" });
    expect(shardsOf(play)).toEqual(["mineShard@0", "mineShard@1", "mineShard@2"]);
    expect(mined).toEqual(shardsOf(play).map(ref));
  });

  test("is mined at once by one worker, from few passages, and where an earlier run left it", async () => {
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
  test("has its pairs scored in shards, which the evaluation starts from", async () => {
    const play = stage({ questions: 900 });
    let scores: ArtifactRef[] = [];
    play.during.evaluate = (input) => {
      scores = (input as EvaluateInput).scores!;
    };
    await run(play, { until: "evaluate" });
    const shards = ["scoreShard@0", "scoreShard@1", "scoreShard@2"];
    expect(play.calls.filter((call) => call.startsWith("scoreShard")).sort()).toEqual(shards);
    expect(scores).toEqual(shards.map(ref));
  });

  test("is split for as many workers as there are, and for one not at all", async () => {
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
