import { rmSync } from "node:fs";
import type { TestWorkflowEnvironment } from "@temporalio/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Collected, collect as collectGarbage } from "../../client/gc.ts";
import { heldByWorkflows } from "../../client/held.ts";
import { removeModel } from "../../client/models.ts";
import { type CliConfig, readCliConfig } from "../../config/cliConfig.ts";
import { approvalId, QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { openInstalledModels } from "../../core/models/installed.ts";
import { folderRecords } from "../../core/storage/records.ts";
import { readInventory } from "../../core/upkeep/inventory.ts";
import { age, stateFolder } from "../../core/upkeep/testing/homeFixture.ts";
import { startTestServer } from "../server.ts";
import { INSTALLED, ref, stage, withWorkers, workflowId } from "./stubs.ts";

type State = ReturnType<typeof stateFolder>;

const docs = stateFolder().home;
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTestServer();
});
afterAll(async () => {
  await env?.teardown();
  rmSync(docs, { recursive: true, force: true });
});

/** Three releases that do not serve, unused for a month. */
async function history() {
  const state = stateFolder();
  const made = [await state.release(1), await state.release(2), await state.release(3)];
  for (const { folder } of (await readInventory(state.home)).artifacts) age(folder);
  return { state, made };
}

function configOf({ home }: State): CliConfig {
  return readCliConfig({ TEMPORAL_ADDRESS: env.address, WINNOW_HOME: home });
}

function collect(state: State, apply: boolean): Promise<Collected> {
  return collectGarbage(configOf(state), { keep: 1, graceHours: 48, apply });
}

const start = (corpus: string, input: object = {}) =>
  env.client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: workflowId("pipeline"),
    taskQueue: QUEUES.main,
    args: [{ docs: { path: docs, name: corpus }, ...input }],
  });

test("a release that waits for a person stays complete, however many newer ones exist", async () => {
  const { state, made } = await history();
  const [waiting, other] = made;
  const corpus = workflowId("corpus");
  await withWorkers(env, stage({ verdict: { release: waiting!.id } }), async () => {
    await (await start(corpus, { gate: "manual" })).result();
    const { removals, silent } = await collect(state, true);
    expect(silent).toEqual([]);
    expect(removals.map(({ path }) => path).filter((path) => path.includes(other!.ref.sha256))).toHaveLength(1);
    await state.store.verify(waiting!.ref);
    await state.store.verify(waiting!.manifest.train);
    await expect(state.store.verify(other!.manifest.train)).rejects.toMatchObject({ code: "CorruptArtifact" });
    const handle = env.client.workflow.getHandle(approvalId(corpus));
    await handle.executeUpdate("reject", { args: [{ by: "dana" }] });
  });
  expect((await collect(state, false)).removals.some(({ path }) => path.includes(waiting!.ref.sha256))).toBe(true);
});

test("a run that does not report what it holds blocks gc, and is named", async () => {
  const { state, made } = await history();
  await openInstalledModels(folderRecords(state.home)).put(INSTALLED);
  const config = configOf(state);
  let finish = () => {};
  const held = new Promise<void>((settle) => (finish = settle));
  const play = stage({ during: { buildIndex: () => held } });
  const run = await withWorkers(env, play, async () => {
    const handle = await start(workflowId("corpus"), { models: { reranker: INSTALLED.name } });
    await expect.poll(() => play.calls).toContain("buildIndex");
    await handle.signal("pause");
    finish();
    const { digests } = await heldByWorkflows(env.client);
    for (const used of [ref("ingest"), ref("embedder"), INSTALLED.artifact]) expect(digests).toContain(used.sha256);
    await expect(removeModel(config, INSTALLED.name)).rejects.toMatchObject({
      code: "BadInput",
      message: `${INSTALLED.name} is not removed: a pipeline that is running needs it`,
    });
    return handle;
  });
  const removed = removeModel(config, INSTALLED.name);
  const [told] = await Promise.all([
    collect(state, false),
    expect(removed).rejects.toThrow(`${run.workflowId} does not report what it holds`),
  ]);
  expect(told.removals.length).toBeGreaterThan(0);
  expect(told.silent).toEqual([{ workflowId: run.workflowId, why: expect.any(String) }]);
  await expect(collect(state, true)).rejects.toMatchObject({
    code: "BadInput",
    message: expect.stringContaining(run.workflowId),
  });
  await state.store.verify(made[0]!.ref);
  await run.terminate();
}, 180_000);
