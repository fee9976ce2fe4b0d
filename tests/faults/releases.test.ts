import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { approvalId, QUEUES } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ApprovalResult, ChampionResult, PromoteInput, RollbackInput } from "../../contracts/release.ts";
import { Faults, kill } from "./harness.ts";

const CORPUS = "faults";
let faults: Faults;
let worker: ChildProcess;
let first: string;
let second: string;

beforeAll(async () => {
  faults = new Faults();
  await faults.startServer();
  worker = await faults.startWorker();
  const result = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  first = result.release!;
  second = await anotherRelease("2026-01-02");
});
afterAll(() => faults?.end());

/** A release of the same artifacts under another digest. */
async function anotherRelease(createdAt: string): Promise<string> {
  const { manifest } = await faults.releases.read(first);
  return (await faults.releases.commit({ ...manifest, createdAt })).id;
}

async function change(
  type: "promote" | "rollback",
  input: Partial<PromoteInput & RollbackInput>,
): Promise<ChampionResult> {
  const client = await faults.client();
  const workflowId = `${type}-${randomUUID().slice(0, 8)}`;
  return client.workflow.execute(type, { workflowId, taskQueue: QUEUES.main, args: [input] });
}

async function failureOf(work: Promise<unknown>): Promise<{ type?: string; message: string }> {
  let failure = await work.then(
    () => new Error("it did not fail"),
    (error) => error,
  );
  while (failure.cause instanceof Error) failure = failure.cause;
  return failure;
}

const served = async () => (await faults.ask("what does a Job do?", CORPUS)).result?.receipt.release;

test("the next question is answered by the promoted release, and after a rollback by the one before", async () => {
  expect(await served()).toBe(first);
  const by = "dana";
  expect(await change("promote", { release: second, by, reason: "try it" })).toMatchObject({
    kind: "promotion",
    replaced: first,
    changed: true,
  });
  expect(await served()).toBe(second);
  expect(await change("rollback", { corpus: CORPUS, by, reason: "worse answers" })).toMatchObject({
    release: first,
    replaced: second,
  });
  expect(await served()).toBe(first);
  const ledger = await faults.releases.ledger(CORPUS);
  expect(ledger.map((entry) => [entry.kind, entry.release, entry.replaced, entry.by])).toMatchObject([
    ["promotion", first, null, expect.stringMatching(/^pipeline-/)],
    ["promotion", second, first, by],
    ["rollback", first, second, by],
  ]);
  expect(ledger.map(({ workflow }) => workflow?.split("-")[0])).toEqual(["pipeline", "promote", "rollback"]);
  expect(await failureOf(change("rollback", { corpus: CORPUS }))).toMatchObject({
    type: "UnknownRelease",
    message: expect.stringMatching(/no champion to go back to/),
  });
});

test("a manual run waits for a person; once approved, its release serves, and the ledger names the person", async () => {
  const manual = { docs: { path: faults.docs, name: "manual" }, gate: "manual", training: { budgetMinutes: 0.01 } };
  const result = (await (await faults.startPipeline(manual)).result()) as PipelineResult;
  expect(result).toMatchObject({ status: "completed", promoted: false, approval: approvalId("manual") });
  expect(await faults.releases.champion("manual")).toBeNull();
  const waiting = (await faults.client()).workflow.getHandle(approvalId("manual"));
  const decision = { by: "dana", reason: "read the report" };
  const decided = await waiting.executeUpdate<ApprovalResult, [object]>("approve", { args: [decision] });
  expect(decided).toMatchObject({ outcome: "approved", release: result.release });
  expect(await faults.releases.champion("manual")).toMatchObject({
    ...decision,
    release: result.release,
    kind: "promotion",
    workflow: approvalId("manual"),
  });
});

test("a serving release is not promoted again", async () => {
  const before = await faults.releases.ledger(CORPUS);
  expect(await change("promote", { release: first })).toMatchObject({ changed: false });
  expect(await faults.releases.ledger(CORPUS)).toEqual(before);
});

test("a decision that assumes another champion changes nothing", async () => {
  const failure = await failureOf(change("promote", { release: second, expected: second }));
  expect(failure).toMatchObject({ type: "PromotionConflict", message: expect.stringContaining(first) });
  expect((await faults.releases.champion(CORPUS))?.release).toBe(first);
});

test.each([
  ["promote", { release: "ffff" }, "UnknownRelease", /ffff matches no release/],
  ["promote", { releases: "ffff" }, "BadInput", /release: .*"releases"/],
  ["rollback", { corpus: "nowhere" }, "UnknownRelease", /nowhere has never had a champion/],
] as const)("%s %j fails once with the reason", async (type, input, code, message) => {
  const failure = await failureOf(change(type, input as object));
  expect(failure).toMatchObject({ type: code, message: expect.stringMatching(message) });
});

test("a rollback to a release that never served is refused", async () => {
  const never = await anotherRelease("2026-01-03");
  expect((await failureOf(change("rollback", { corpus: CORPUS, to: never }))).message).toMatch(
    /never served faults.*promote/,
  );
});

test.each([
  ["", "as many releases loaded as there is memory for"],
  ["1", "one release loaded at a time"],
])(
  "20 promotions under a loop of questions, WINNOW_ENGINES=%s, %s: every answer names one release, and none fails",
  async (engines) => {
    expect(await kill(worker, "SIGTERM")).toBe(0);
    worker = await faults.startWorker({ WINNOW_ENGINES: engines });
    let going = true;
    const answers: (string | undefined)[] = [];
    const loop = async () => {
      while (going) answers.push(await served());
    };
    const loops = Promise.all([loop(), loop()]);
    for (let turn = 0; turn < 20; turn++) await change("promote", { release: turn % 2 === 0 ? second : first });
    going = false;
    await loops;
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter((release) => release !== first && release !== second)).toEqual([]);
    expect(new Set(answers).size).toBe(2);
  },
  240_000,
);

test("a release with damaged artifacts is refused with the file, and the champion keeps serving", async () => {
  const { manifest } = await faults.releases.read(first);
  const damaged = await faults.store.draft("train");
  const train = await faults.store.commit(damaged, "train");
  const broken = await faults.releases.commit({ ...manifest, train, createdAt: "2026-01-04" });
  truncateSync(join(await faults.store.resolve(train), "manifest.json"), 5);
  const failure = await failureOf(change("promote", { release: broken.id }));
  expect(failure).toMatchObject({ type: "CorruptArtifact", message: expect.stringContaining("manifest.json") });
  expect(await served()).toBe(first);
});
