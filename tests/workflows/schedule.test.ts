import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interval } from "../../cli/parse.ts";
import { removeModel } from "../../client/models.ts";
import {
  changeSchedule,
  createSchedule,
  definitionOf,
  listSchedules,
  type ScheduleChange,
  type ScheduleOptions,
} from "../../client/schedules.ts";
import { withServer } from "../../client/server.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { InstalledModel } from "../../contracts/models.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { openInstalledModels } from "../../core/models/installed.ts";
import { folderRecords } from "../../core/storage/records.ts";
import { startTestServer, temporalBinary } from "../server.ts";
import { INSTALLED, RELEASE, stage, withWorkers, workflowId } from "./stubs.ts";

const docs = mkdtempSync(join(tmpdir(), "winnow-schedule-"));
writeFileSync(join(docs, "index.md"), "# Docs\n");
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(async () => {
  await env?.teardown();
  rmSync(docs, { recursive: true, force: true });
});

const config = () => readCliConfig({ TEMPORAL_ADDRESS: env.address, WINNOW_HOME: docs });
const made = (options: ScheduleOptions) =>
  withServer(config(), "it is a test", async (client) => (await createSchedule(client, options)).schedule);
const create = (name: string, every = "24h") => made({ docs, every: interval(every), name, retrain: "never" });
const change = (what: ScheduleChange, name: string) =>
  withServer(config(), "it is a test", (client) => changeSchedule(client, what, name));
const list = () => withServer(config(), "it is a test", listSchedules);
const resultOf = async (id: string) => (await env.client.workflow.getHandle(id).result()) as PipelineResult;

test("a schedule has no overlap, an hour of catch-up, a pause on failure, and spread starts", async () => {
  const name = workflowId("docs");
  expect(await create(name)).toMatchObject({ name, source: docs, everyMinutes: 1440, paused: false, last: null });
  const args = [
    "schedule",
    "describe",
    "--schedule-id",
    `winnow-${name}`,
    "--address",
    env.address,
    "--output",
    "json",
  ];
  const { schedule } = JSON.parse((await promisify(execFile)(temporalBinary(), args)).stdout);
  expect(schedule.policies).toMatchObject({ overlapPolicy: expect.stringMatching(/skip/i), pauseOnFailure: true });
  expect(schedule.policies.catchupWindow).toBe("3600s");
  expect(schedule.spec).toMatchObject({ interval: [{ interval: "86400s" }], jitter: "600s" });
  expect(schedule.action.startWorkflow.workflowType.name).toBe("pipeline");
});

test("a schedule has a name of its own beside the corpus it follows", async () => {
  const name = workflowId("nightly");
  const created = await made({ docs, every: interval("24h"), name, corpus: "handbook" });
  expect(created).toMatchObject({ name, corpus: "handbook", source: docs });
  expect(definitionOf({ docs, every: 1, corpus: "handbook" })).toMatchObject({
    scheduleId: "winnow-handbook",
    action: { args: [{ docs: { name: "handbook" } }] },
  });
  expect(definitionOf({ docs, every: 1, name: "a" }).action.args).toMatchObject([{ docs: { name: "a" } }]);
});

test("a triggered run of unchanged docs ends at once and reports that", async () => {
  const name = workflowId("docs");
  await create(name);
  const earlier = { release: RELEASE, promoted: true, evaluation: null, gate: null, artifacts: {} };
  await withWorkers(env, stage({ unchanged: earlier }), async () => {
    const { last } = await change("trigger", name);
    const result = await resultOf(last!.workflowId);
    expect(result).toMatchObject({
      status: "unchanged",
      corpus: name,
      release: RELEASE,
      reason: "Unchanged: as before.",
    });
  });
});

test("a scheduled run that meets a manual one completes, names it, and the schedule continues", async () => {
  const name = workflowId("docs");
  await create(name);
  let finish = () => {};
  const held = new Promise<void>((settle) => (finish = settle));
  const play = stage({ during: { ingest: () => held } });
  await withWorkers(env, play, async () => {
    const input = { docs: { path: docs, name }, until: "ingest" };
    const options = { workflowId: workflowId("manual"), taskQueue: QUEUES.main, args: [input] };
    const manual = await env.client.workflow.start(WORKFLOWS.pipeline, options);
    await expect.poll(() => play.calls).toContain("ingest");
    const { last } = await change("trigger", name);
    const met = await resultOf(last!.workflowId);
    expect(met).toMatchObject({ status: "already running", workflowId: manual.workflowId });
    finish();
    expect(await manual.result()).toMatchObject({ status: "completed" });
    expect(play.calls).toEqual(["ingest"]);
    const schedules = await list();
    expect(schedules.find((schedule) => schedule.name === name)).toMatchObject({ paused: false });
  });
});

test("every run gets the models, labelled pairs and written questions, also after a change of the schedule", async () => {
  const name = workflowId("docs");
  const pairs = join(docs, "pairs.jsonl");
  writeFileSync(pairs, JSON.stringify({ query: "what is a pod", positive: "a pod is", negatives: ["a node is"] }));
  await create(name);
  const options = { docs, every: interval("24h"), name, pairs, budget: 3, embedder: INSTALLED.name };
  expect((await made(options)).models).toEqual({ embedder: INSTALLED.name, reranker: "auto" });
  let prepared: unknown;
  const during = { prepareTraining: (input: unknown) => void (prepared = input) };
  const play = stage({ during });
  await withWorkers(env, play, async () => {
    const { last } = await change("trigger", name);
    await resultOf(last!.workflowId);
  });
  expect(prepared).toMatchObject({ pairs, embedder: INSTALLED.artifact });
  const [input] = definitionOf({ ...options, written: 7 }).action.args;
  expect(input).toMatchObject({ training: { pairs, written: 7, budgetMinutes: 3 } });
  const missing = { ...options, pairs: join(docs, "absent.jsonl") };
  await expect(made(missing)).rejects.toMatchObject({ code: "BadInput" });
});

test("a model that a schedule names is not removed until the schedule is", async () => {
  const name = workflowId("docs");
  const model: InstalledModel = {
    ...{ name: "org/scheduled", kind: "embedder", family: "bert", dimensions: 2, maxTokens: 8, pooling: "mean" },
    ...{ prefixes: null, licence: null, bytes: 1, parameters: 1, source: { from: "folder" }, installedAt: "" },
    artifact: { uri: `winnow:model/${"e".repeat(64)}`, sha256: "e".repeat(64), bytes: 1 },
  };
  await openInstalledModels(folderRecords(docs)).put(model);
  await made({ docs, every: interval("24h"), name, embedder: "scheduled", paused: true });
  await expect(removeModel(config(), "scheduled")).rejects.toMatchObject({
    code: "BadInput",
    message: `org/scheduled is not removed: schedule ${name} needs it`,
  });
  await change("delete", name);
  expect((await removeModel(config(), "scheduled")).name).toBe("org/scheduled");
});

test("with another source, a schedule runs on that one and shows it; --paused pauses it", async () => {
  const name = workflowId("docs");
  await create(name);
  const moved = mkdtempSync(join(tmpdir(), "winnow-moved-"));
  const options = { docs: moved, every: interval("2h"), name };
  const changed = await made({ ...options, paused: true });
  expect(changed).toMatchObject({ source: moved, everyMinutes: 120, paused: true });
  const schedules = await list();
  expect(schedules.find((schedule) => schedule.name === name)).toMatchObject({ source: moved, paused: true });
  rmSync(moved, { recursive: true });
});

test("every run gets a git address with its ref, or the absolute path of an archive", () => {
  const every = interval("24h");
  const git = definitionOf({ docs: "https://github.com/kubernetes/website.git#release-1.30", every });
  expect(git).toMatchObject({ scheduleId: "winnow-website", action: { workflowId: "pipeline-website-scheduled" } });
  expect(git.action.args).toEqual([
    {
      docs: { path: "https://github.com/kubernetes/website.git#release-1.30", name: "website" },
      models: {},
      training: {},
    },
  ]);
  const archive = join(docs, "handbook-2.tar.gz");
  writeFileSync(archive, "");
  const packed = definitionOf({ docs: archive, every });
  expect(packed.scheduleId).toBe("winnow-handbook-2");
  expect(packed.action.args).toEqual([{ docs: { path: archive, name: "handbook-2" }, models: {}, training: {} }]);
});

test("a run that fails pauses its schedule", async () => {
  const name = workflowId("docs");
  const gone = mkdtempSync(join(tmpdir(), "winnow-gone-"));
  await made({ docs: gone, every: interval("1h"), name });
  rmSync(gone, { recursive: true });
  await withWorkers(env, stage(), async () => {
    const { last } = await change("trigger", name);
    await expect(resultOf(last!.workflowId)).rejects.toThrow();
    const paused = async () => {
      const schedules = await list();
      return schedules.find((schedule) => schedule.name === name)!.paused;
    };
    await expect.poll(paused).toBe(true);
  });
});

test("is changed by creating it again, paused, resumed and deleted; an unknown one is named", async () => {
  const name = workflowId("docs");
  await create(name);
  expect(await change("pause", name)).toMatchObject({ paused: true });
  expect(await create(name, "7d")).toMatchObject({ everyMinutes: 7 * 1440, paused: true });
  expect(await change("resume", name)).toMatchObject({ paused: false });
  const schedules = await list();
  expect(schedules.map((schedule) => schedule.name)).toContain(name);
  await change("delete", name);
  await expect(change("trigger", name)).rejects.toMatchObject({
    code: "BadInput",
    message: expect.stringContaining(name),
  });
});

test("times are minutes, hours or days", () => {
  expect([interval("30m"), interval("24h"), interval("7d")]).toEqual([1_800_000, 86_400_000, 604_800_000]);
  for (const wrong of ["24", "0h", "1s", "h", "500d"]) expect(() => interval(wrong)).toThrow(/30m, 24h or 7d/);
});
