import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUEUES, STAGES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { EvaluateInput } from "../../core/stages/evaluate.ts";
import { startTestServer } from "../server.ts";
import { RELEASE, ref, type Stage, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function run(play: Stage, input: object = {}): Promise<PipelineResult> {
  const named = { docs: { path: docs, name: workflowId("corpus") }, ...input };
  const options = { workflowId: workflowId("pipeline"), taskQueue: QUEUES.main, args: [named] };
  return withWorkers(env, play, async () => (await env.client.workflow.start(WORKFLOWS.pipeline, options)).result());
}

describe("unchanged docs", () => {
  const earlier = { release: RELEASE, promoted: true, evaluation: null, gate: null, artifacts: {} };

  test("end the run at once with the existing release, and every stage has the reason", async () => {
    const play = stage({ unchanged: earlier });
    const result = await run(play);
    expect(play.calls).toEqual([]);
    expect(result).toMatchObject({ status: "unchanged", release: RELEASE, promoted: true });
    expect(result.reason).toBe("Unchanged: as before.");
    expect(result.stages.map(({ name, skipped, why }) => [name, skipped, why])).toEqual(
      STAGES.map((name) => [name, true, "as before"]),
    );
    expect(play.recorded).toBe(0);
  });

  test.each([{ force: ["deploy"] }, { until: "ingest" }, { only: "embed" }])("do not prevent %j", async (input) => {
    const play = stage({ unchanged: earlier });
    expect(await run(play, input)).toMatchObject({ status: "completed" });
    expect(play.calls).toContain("ingest");
  });

  test("are recognised by the record of a completed run", async () => {
    const play = stage();
    expect(await run(play)).toMatchObject({ source: { kind: "folder", version: "d" } });
    expect(play.recorded).toBe(1);
  });
});

describe("changed docs", () => {
  const changes = {
    against: RELEASE,
    pages: { added: 1, changed: 2, removed: 0, same: 74 },
    passages: { total: 460, fresh: 7, gone: 5 },
    examples: { added: ["new.md"], changed: ["a.md", "b.md"], removed: [] },
    ref: ref("changes"),
  };
  const trained = (play: Stage) => play.calls.filter((call) => call === "train").length;

  test("are reported as a page diff, in the result and the stage's summary", async () => {
    const result = await run(stage({ changes }), { until: "ingest" });
    expect(result.changes).toEqual(changes);
    expect(result.stages[0]!.summary).toMatch(/1 added, 2 changed, 0 removed \(7 of 460 passages new\)$/);
  });

  test("of which little is new update only index and calibration, and reuse the champion's reranker", async () => {
    const play = stage({ changes, retrain: { first: false, second: false } });
    let evaluated: EvaluateInput | undefined;
    play.during.evaluate = (input) => {
      evaluated = input as EvaluateInput;
    };
    const questions = join(docs, "judged.jsonl");
    writeFileSync(questions, '{"id": "q", "query": "q", "kind": "unanswerable-near", "relevant": []}\n');
    const result = await run(play, { questions });
    expect(play.calls).toEqual(["ingest", "embed@0", "buildIndex", "evaluate", "decideRelease", "promote"]);
    expect(evaluated).toMatchObject({ train: ref("champion"), data: null });
    expect(result.retrain).toEqual({ train: false, why: "little is new" });
    expect(result.stages[3]).toMatchObject({ name: "train", skipped: true, why: "little is new" });
    expect(result.artifacts.train).toEqual(ref("champion"));
  });

  test("that cost too much on the question set cause training after all, and every stage is reported once", async () => {
    const play = stage({ changes, retrain: { first: false, second: true } });
    const result = await run(play);
    expect(trained(play)).toBe(1);
    expect(play.calls.filter((call) => call === "evaluate")).toHaveLength(2);
    expect(result.stages.map(({ name }) => name)).toEqual([...STAGES]);
    expect(result.stages[3]).toMatchObject({ name: "train", skipped: false });
    expect(result.retrain).toEqual({ train: true, why: "much is new" });
  });

  test("of docs without held-out pages do not measure a tuned reranker by questions about the pages that taught it", async () => {
    const play = stage({ changes, retrain: { first: false, second: false }, prepared: { groups: 9, allPages: true } });
    await expect(run(play)).rejects.toMatchObject({
      cause: { type: "BadInput", message: expect.stringContaining("--questions FILE") },
    });
    expect(play.calls).not.toContain("evaluate");
  });

  test("are not reconsidered with `retrain: never`", async () => {
    const play = stage({ changes, retrain: { first: false, second: true } });
    await run(play, { retrain: "never" });
    expect(trained(play)).toBe(0);
  });
});
