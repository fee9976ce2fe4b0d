import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { approvalId, QUEUES } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ApprovalResult } from "../../contracts/release.ts";
import { temporalBinary } from "../server.ts";
import { winnow, winnowText } from "./command.ts";
import { Faults } from "./harness.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let faults: Faults;
let first: string;
let second: string;

beforeAll(async () => {
  faults = new Faults();
  await faults.startServer();
  await faults.startWorker();
  first = ((await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult).release!;
  const { manifest } = await faults.releases.read(first);
  second = (await faults.releases.commit({ ...manifest, createdAt: "2026-01-02", ranking: "reranked" })).id;
});
afterAll(() => faults?.end());

const failed = (args: string[]) =>
  winnow(faults, args).then(
    () => ({ code: 0, stdout: "{}" }),
    (error: { code: number; stdout: string }) => error,
  );

test("releases show: parts, serving times and report path; an unknown release exits with 2", async () => {
  const shown = await winnow<{ id: string; champion: boolean; ledger: unknown[]; report: string }>(faults, [
    ...["releases", "show", first.slice(0, 6)],
  ]);
  const { manifest } = await faults.releases.read(first);
  expect(shown).toMatchObject({ id: first, champion: true, ledger: [{ release: first, kind: "promotion" }] });
  expect(shown.report).toBe(join(faults.home, "artifacts", "evaluate", manifest.evaluate!.sha256, "report.html"));
  const text = await winnowText(faults, ["releases", "show", second, "--verbose"]);
  expect(text).toMatch(new RegExp(`^Release ${second} of faults: not promoted, order: reranked`));
  expect(text).toContain(manifest.train!.sha256.slice(0, 12));
  expect(await failed(["releases", "show", "ffff"])).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/UnknownRelease/),
  });
});

test("releases diff: equal and differing parts", async () => {
  const diff = await winnow<{ a: object; b: object; parts: { name: string; same: boolean }[] }>(faults, [
    "releases",
    "diff",
    first,
    second,
  ]);
  expect(diff).toMatchObject({ a: { id: first, ranking: "retrieval" }, b: { id: second, ranking: "reranked" } });
  const parts = ["embedder", "ingest", "embed", "build-index", "train", "untrained", "evaluate"];
  expect(diff.parts.map(({ name, same }) => [name, same])).toEqual(parts.map((name) => [name, true]));
  const lines = (await winnowText(faults, ["releases", "diff", first, second])).split("\n");
  expect(lines.find((line) => line.startsWith("ranking"))).toMatch(/retrieval +reranked +differs$/);
  expect(lines.find((line) => line.startsWith("pages"))).not.toMatch(/differs/);
});

test("releases at: the release that served at a time, in UTC in any time zone; an error before the first one", async () => {
  const [entry] = await faults.releases.ledger("faults");
  const minuteAfter = new Date(Date.parse(entry!.at) + 60_000).toISOString().slice(0, 16);
  const zone = { TZ: "America/New_York" };
  for (const time of [minuteAfter, minuteAfter.replace("T", " ")]) {
    const { at, served } = await winnow<{ at: string; served: object[] }>(faults, ["releases", "at", time], zone);
    expect(at).toBe(`${minuteAfter}:00.000Z`);
    expect(served).toMatchObject([{ release: first, until: null, evidence: { source: { pages: 1 } }, missing: null }]);
  }
  const early = await failed(["releases", "at", "2020-01-01"]);
  const why = `Nothing served at 2020-01-01T00:00:00.000Z: the first release serves since ${entry!.at}.`;
  expect([early.code, JSON.parse(early.stdout).message]).toEqual([2, why]);
});

test("releases approve and reject decide on the waiting candidate, which may be unnamed if it is the only one", async () => {
  expect(await failed(["releases", "approve"])).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/No candidate waits/),
  });
  const candidate = async (name: string) => {
    const manual = { docs: { path: faults.docs, name }, gate: "manual", training: { budgetMinutes: 0.01 } };
    return (await (await faults.startPipeline(manual)).result()) as PipelineResult;
  };
  const one = await candidate("one");
  expect(one.approval).toBe(approvalId("one"));
  const approved = await winnow<ApprovalResult>(faults, ["releases", "approve", "--by", "dana", "--reason", "read it"]);
  expect(approved).toMatchObject({
    corpus: "one",
    release: one.release,
    outcome: "approved",
    by: "dana",
    reason: "read it",
  });
  expect(await faults.releases.champion("one")).toMatchObject({ release: one.release, by: "dana" });
  const two = await candidate("two");
  const wrong = await failed(["releases", "reject", "--corpus", "two", "--release", "ffff"]);
  expect([wrong.code, JSON.parse(wrong.stdout).message]).toEqual([
    2,
    `release ${two.release} waits for approval, not ffff`,
  ]);
  const rejected = await winnow<ApprovalResult>(faults, ["releases", "reject", "--corpus", "two", "--by", "dana"]);
  expect(rejected).toMatchObject({ corpus: "two", outcome: "rejected", by: "dana" });
  expect(await faults.releases.champion("two")).toBeNull();
});

test("`temporal workflow start --type pipeline --input '{}'` runs on the sample docs with every default", async () => {
  const workflowId = "by-temporal-alone";
  const at = ["--address", `127.0.0.1:${faults.port}`];
  const start = ["workflow", "start", "--type", "pipeline", "--task-queue", QUEUES.main, "--workflow-id", workflowId];
  await promisify(execFile)(temporalBinary(), [...start, "--input", "{}", ...at], {
    env: { PATH: process.env.PATH, HOME: faults.folder },
  });
  const handle = (await faults.client()).workflow.getHandle(workflowId);
  const { stages } = (await handle.result()) as PipelineResult;
  expect(stages.map(({ name }) => name)).toEqual(["ingest", "embed", "build-index", "train", "evaluate", "deploy"]);
  expect(stages[3]!.summary).toContain("not trained: questions made from the docs teach too little");
  const { events } = await handle.fetchHistory();
  const parsed = events?.find(
    (event) => event.activityTaskCompletedEventAttributes,
  )?.activityTaskCompletedEventAttributes;
  const { input } = JSON.parse(Buffer.from(parsed!.result!.payloads![0]!.data!).toString());
  expect(input).toEqual({
    docs: { path: join(root, "samples", "docs") },
    models: { embedder: "auto", reranker: "auto" },
    corpus: "samples",
    until: "deploy",
    force: [],
    training: { leastSteps: 100, seed: 17, strict: false, written: 0 },
    retrain: "auto",
    gate: "auto",
    approvalHours: 168,
  });
});
