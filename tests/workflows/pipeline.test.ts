import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rootCause } from "../../client/outcome.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { startTestServer } from "../server.ts";
import { INSTALLED, RELEASE, ref, type Stage, stage, untilCancelled, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-docs-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(() => env?.teardown());

function start(input: unknown, id = workflowId("pipeline")) {
  return env.client.workflow.start(WORKFLOWS.pipeline, { workflowId: id, taskQueue: QUEUES.main, args: [input] });
}

function run(play: Stage, input: object = {}): Promise<PipelineResult> {
  const named = { docs: { path: docs, name: workflowId("corpus") }, ...input };
  return withWorkers(env, play, async () => (await start(named)).result() as Promise<PipelineResult>);
}

async function failureOf(handle: WorkflowHandle): Promise<Error> {
  return rootCause(await handle.result().catch((thrown) => thrown)) as Error;
}

const WHOLE = ["ingest", "embed@0", "buildIndex", "prepareTraining", "train", "evaluate", "decideRelease", "promote"];

const VOTED = { trained: "2 of 2 voted passages", untrained: "0 of 2 voted passages" };

describe("the DAG", () => {
  test("runs its stages in order, each once, and promotes an accepted candidate", async () => {
    const play = stage({ prepared: { groups: 9, voted: VOTED } });
    const result = await run(play);
    expect(play.calls).toEqual(WHOLE);
    expect(result).toMatchObject({ status: "completed", release: RELEASE, promoted: true, reason: "first release" });
    expect(result.stages[3]!.summary).toMatch(/; 2 of 2 voted passages; train done$/);
    expect(result.stages.map(({ name, skipped }) => [name, skipped])).toEqual([
      ["ingest", false],
      ["embed", false],
      ["build-index", false],
      ["train", false],
      ["evaluate", false],
      ["deploy", false],
    ]);
    expect(Object.keys(result.artifacts)).toEqual(["ingest", "embed", "build-index", "train", "evaluate"]);
  });

  test.each([
    [
      "if the budget allows too few steps, so that no vote counts as learned",
      { trainingSteps: 0, prepared: { groups: 9, voted: VOTED } },
      20,
      1,
      /; 0 of 2 voted passages; train done$/,
    ],
    [
      "if no page is held out",
      { prepared: { groups: 9, allPages: true, voted: VOTED } },
      20,
      0,
      /; 0 of 2 voted passages; not trained: no held-out page gives/,
    ],
    [
      "if the docs give no negatives",
      { prepared: { groups: 0 } },
      20,
      0,
      /not trained: the docs give no question with/,
    ],
  ] as const)(
    "%s, evaluates the untrained reranker alone",
    async (_when, overrides, budgetMinutes, trainings, told) => {
      const inputs: unknown[] = [];
      const play = stage({ ...overrides, during: { evaluate: (input: unknown) => void inputs.push(input) } });
      const result = await run(play, { training: { budgetMinutes } });
      expect(play.calls).toEqual(WHOLE.filter((name) => name !== "train" || trainings > 0));
      expect(inputs).toMatchObject([{ train: null }]);
      expect(result).toMatchObject({ promoted: true, retrain: { train: false } });
      expect(result.stages[3]!.summary).toMatch(told);
    },
  );

  test("with a budget of 0, makes no question to train on and mines no negative", async () => {
    const given: Record<string, unknown> = {};
    const during = { evaluate: (input: unknown) => void (given.evaluate = input) };
    const play = stage({ during });
    const result = await run(play, { training: { budgetMinutes: 0, written: 3 } });
    const made = ["ingest", "embed@0", "buildIndex", "heldout", "evaluate", "decideRelease", "promote"];
    expect(play.calls).toEqual(made);
    expect(given.evaluate).toMatchObject({ train: null, data: ref("heldout"), untrained: ref("untrained") });
    expect(result).toMatchObject({ promoted: true, retrain: { train: false } });
    expect(result.stages[3]!.summary).toBe("heldout done; not trained: the budget is 0");
    play.calls.length = 0;
    const judged = join(docs, "judged.jsonl");
    writeFileSync(judged, '{"id": "q", "query": "q", "kind": "unanswerable-near", "relevant": []}\n');
    const measured = await run(play, { questions: judged, training: { budgetMinutes: 0 } });
    expect(play.calls).toEqual(made.filter((name) => name !== "heldout"));
    expect(given.evaluate).toMatchObject({ data: null });
    expect(measured.stages[3]!.summary).toBe("not trained: the budget is 0");
  });

  test("lets the LLM write questions, then grade their passages, before training data are made from them", async () => {
    const given: Record<string, unknown> = {};
    const stages = ["gradeQuestions", "prepareTraining"];
    const during = Object.fromEntries(stages.map((name) => [name, (input: unknown) => void (given[name] = input)]));
    const play = stage({ during });
    await run(play, { training: { written: 3 } });
    const from = play.calls.indexOf("writeQuestions");
    expect(play.calls.slice(from, from + 2)).toEqual(["writeQuestions", "gradeQuestions"]);
    expect(given.gradeQuestions).toMatchObject({ written: ref("writeQuestions"), ingest: ref("ingest") });
    expect(given.prepareTraining).toMatchObject({ written: ref("gradeQuestions") });
  });

  test("asks the LLM to grade nothing, and trains nothing, where no training can follow", async () => {
    const play = stage({ obstacle: "all questions together give at most 9 steps" });
    const result = await run(play, { training: { written: 3, budgetMinutes: 5 } });
    for (const left of ["gradeQuestions", "prepareTraining", "train"]) expect(play.calls).not.toContain(left);
    expect(result.stages[3]!.summary).toMatch(/; not trained: all questions together give at most 9 steps$/);
  });

  test("builds with the installed models that the input names; the worker's cache is left alone", async () => {
    const given: Record<string, unknown> = {};
    const stages = ["storeModel", "ingest", "embed", "evaluate", "decideRelease"];
    const during = Object.fromEntries(stages.map((name) => [name, (input: unknown) => void (given[name] = input)]));
    await run(stage({ during }), { models: { embedder: INSTALLED.name } });
    const { artifact, name } = INSTALLED;
    expect(given.storeModel).toMatchObject({ role: "base" });
    expect(given.ingest).toMatchObject({ embedder: artifact, reranker: ref("base") });
    expect(given.embed).toMatchObject({ embedder: artifact });
    expect(given.evaluate).toMatchObject({ models: { embedder: { name, digest: artifact.sha256 } } });
    expect(given.decideRelease).toMatchObject({ names: { embedder: name } });
    await run(stage({ during }), { models: { reranker: INSTALLED.name } });
    expect(given.storeModel).toMatchObject({ role: "embedder" });
    expect(given.ingest).toMatchObject({ embedder: ref("embedder"), reranker: artifact });
  });

  test("stops after `until` and reports it", async () => {
    const play = stage();
    const result = await run(play, { until: "build-index" });
    expect(play.calls).toEqual(WHOLE.slice(0, 3));
    expect(result).toMatchObject({ release: null, promoted: false, reason: "Stopped after build-index, as asked." });
  });

  test("with `only`, earlier stages may not compute and later ones do not run", async () => {
    const play = stage();
    const result = await run(play, { only: "train" });
    expect(play.calls.at(-1)).toBe("train");
    expect(Object.entries(play.modes).map(([name, { cachedOnly }]) => [name, cachedOnly])).toEqual([
      ["ingest", true],
      ["embed", true],
      ["buildIndex", true],
      ["prepareTraining", false],
      ["train", false],
    ]);
    expect(result.stages.at(-1)).toMatchObject({ name: "train", skipped: false });
  });

  test("`force` applies only to the stages it names", async () => {
    const play = stage();
    await run(play, { force: ["embed"], until: "build-index" });
    expect(Object.values(play.modes).map(({ force }) => force)).toEqual([false, true, false]);
  });
});

describe("the gate", () => {
  test("that refuses completes the run, with the reason, and promotes nothing", async () => {
    const play = stage({ verdict: { promoted: false } });
    const result = await run(play);
    expect(play.calls).not.toContain("promote");
    expect(result).toMatchObject({ status: "completed", release: RELEASE, promoted: false, reason: "worse" });
  });

  test("has nothing to decide if the champion is made of the same artifacts", async () => {
    const play = stage({ verdict: { serving: true } });
    const result = await run(play);
    expect(play.calls).not.toContain("promote");
    expect(result.stages.at(-1)).toMatchObject({ name: "deploy", skipped: true });
    expect(result.promoted).toBe(true);
  });
});

describe("bad input", () => {
  test.each([
    [{ docs: { path: docs }, retries: 3 }, /Unrecognized key: "retries"/],
    [{ docs: { path: 7 } }, /docs\.path: .*string/],
    [{ docs: { path: docs }, until: "deployed" }, /until: /],
    [{ docs: { path: docs }, training: { budgetMinutes: -1 } }, /training\.budgetMinutes: /],
    [{ docs: { path: join(docs, "absent") } }, /docs\.path: .*absent does not exist/],
    [{ docs: { path: "https://169.254.169.254/latest/meta-data" } }, /docs\.path: .*169\.254\.169\.254/],
    [{ docs: { path: docs }, llm: { baseUrl: "http://169.254.169.254/v1" } }, /Unrecognized key: "llm"/],
    [{ docs: { path: docs }, artifacts: "s3://elsewhere" }, /Unrecognized key: "artifacts"/],
    [
      { docs: { path: docs }, models: { embedder: "BAAI/bge-small-en-v1.5" } },
      /no model BAAI\/bge-small-en-v1.5 is installed: .*npx winnow models add BAAI\/bge-small-en-v1.5/,
    ],
    [{ docs: { path: docs }, models: { reranker: "https://example.org/model" } }, /models.reranker: a name such as/],
    [[], /input: .*object/],
    ["docs", /input: .*object/],
  ])("%j fails once and names the field", async (input, message) => {
    const play = stage();
    await withWorkers(env, play, async () => {
      const handle = await start(input);
      const failure = await failureOf(handle);
      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure.message).toMatch(message);
      const { events } = await handle.fetchHistory();
      expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(1);
    });
    expect(play.calls).toEqual([]);
  });

  test("a broken question set is refused before anything is computed, by line", async () => {
    const questions = join(docs, "questions.jsonl");
    writeFileSync(questions, '{"id": "q1"\n');
    const play = stage();
    await withWorkers(env, play, async () => {
      const failure = await failureOf(await start({ docs: { path: docs }, questions }));
      expect(failure).toMatchObject({ type: "BadQuestionSet", message: expect.stringMatching(/line 1|:1/) });
    });
    expect(play.calls).toEqual([]);
  });
});

describe("one run at a time for a corpus", () => {
  test("a second start completes and names the first; afterwards a third one runs", async () => {
    let finish = () => {};
    const held = new Promise<void>((settle) => (finish = settle));
    const play = stage({ during: { ingest: () => held } });
    const input = { docs: { path: docs, name: workflowId("corpus") }, until: "ingest" };
    await withWorkers(env, play, async () => {
      const first = await start(input);
      await expect.poll(() => play.calls).toContain("ingest");
      const second = (await (await start(input)).result()) as PipelineResult;
      expect(second).toMatchObject({ status: "already running", workflowId: first.workflowId });
      finish();
      expect(await first.result()).toMatchObject({ status: "completed" });
      expect(await (await start(input)).result()).toMatchObject({ status: "completed" });
    });
  });

  test("ten starts at once make exactly one run", async () => {
    let finish = () => {};
    const held = new Promise<void>((settle) => (finish = settle));
    const play = stage({ during: { ingest: () => held } });
    const input = { docs: { path: docs, name: workflowId("corpus") }, until: "ingest" };
    await withWorkers(env, play, async () => {
      const handles = await Promise.all(Array.from({ length: 10 }, () => start(input)));
      const others = Promise.all(handles.map((handle) => handle.result() as Promise<PipelineResult>));
      await expect.poll(() => play.calls).toContain("ingest");
      await new Promise((settle) => setTimeout(settle, 2000));
      finish();
      const statuses = (await others).map(({ status }) => status);
      expect(statuses.filter((status) => status === "completed")).toHaveLength(1);
    });
    expect(play.calls).toEqual(["ingest"]);
  });

  test("a terminated run frees its corpus", async () => {
    const play = stage({ during: { ingest: untilCancelled } });
    const input = { docs: { path: docs, name: workflowId("corpus") }, until: "ingest" };
    await withWorkers(env, play, async () => {
      const first = await start(input);
      await expect.poll(() => play.calls).toContain("ingest");
      await first.terminate();
      play.during = {};
      expect(await (await start(input)).result()).toMatchObject({ status: "completed" });
    });
  });
});
