import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Status } from "../../client/status.ts";
import { QUEUES, STAGES } from "../../contracts/names.ts";
import { freePort } from "../ports.ts";
import { winnow } from "./command.ts";
import { Faults } from "./harness.ts";

const WAIT = { timeout: 60_000, interval: 200 };
const DASHBOARD = new URL("../../infra/grafana/winnow.json", import.meta.url);

let faults: Faults;
/** Metrics ports of a worker for everything but questions, and of one for questions, which starts later. */
let [pipelines, questions] = [0, 0];

beforeAll(async () => {
  faults = new Faults();
  [pipelines, questions] = [await freePort(), await freePort()];
  await faults.startServer();
  const queues = [QUEUES.main, QUEUES.cpu, QUEUES.gpu];
  await faults.startWorker({ WINNOW_METRICS_PORT: `${pipelines}` }, { queues });
  await (await faults.startPipeline({}, 0.5)).result();
}, 300_000);
afterAll(() => faults?.end());

const scrape = async (port: number) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

/** Value of the only series with these labels, or null. */
function sample(text: string, name: string, labels: Record<string, string>): number | null {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const series = text.split("\n").filter((line) => line.startsWith(`${name}{`));
  const found = series.filter((line) => wanted.every((pair) => line.includes(pair)));
  expect(found.length, `${name} ${wanted}`).toBeLessThan(2);
  return found[0] ? Number(found[0].split(" ").at(-1)) : null;
}

test("a scrape covers every stage", async () => {
  const text = await scrape(pipelines);
  for (const activity of ["ingest", "embed", "buildIndex", "prepareTraining", "train", "evaluate", "decideRelease"])
    expect(sample(text, "winnow_stage_seconds_count", { activity, skipped: "false" })).toBe(1);
  const trained = sample(text, "winnow_stage_seconds_sum", { stage: "train", activity: "train" });
  expect(trained).toBeGreaterThan(0.5);
  expect(trained).toBeLessThan(100);
});

test("a question that waits for its pool counts as backlog until the pool is up, then by its answer", async () => {
  const asked = Promise.all([faults.ask("how do I run a job?"), faults.ask("when do I plant tulips?")]);
  const queue = { queue: QUEUES.query, kind: "activity" };
  const backlog = async () => sample(await scrape(pipelines), "winnow_queue_backlog", queue);
  await expect.poll(backlog, WAIT).toBe(2);
  const waiting = await scrape(pipelines);
  expect(sample(waiting, "winnow_queue_pollers", queue)).toBe(0);
  expect(sample(waiting, "winnow_queue_backlog_age_seconds", queue)).toBeGreaterThan(0);

  await faults.startWorker({ WINNOW_METRICS_PORT: `${questions}` }, { queues: [QUEUES.query] });
  await asked;
  const text = await scrape(questions);
  expect(sample(text, "winnow_questions_total", { kind: "extractive", refused_by: "none" })).toBe(1);
  expect(sample(text, "winnow_questions_total", { kind: "abstained", refused_by: "threshold" })).toBe(1);
  expect(sample(text, "winnow_question_step_seconds_count", { step: "rerank" })).toBe(2);
  expect(sample(text, "winnow_question_step_seconds_bucket", { step: "rerank", le: "60" })).toBe(2);
  await expect.poll(backlog, WAIT).toBe(0);
});

test("a malformed question counts by its error, and not as a failed workflow", async () => {
  const { failure } = await faults.ask("  ");
  expect(failure).toMatchObject({ type: "BadInput" });
  const failed = async () =>
    sample((await scrape(pipelines)) + (await scrape(questions)), "winnow_questions_failed_total", {
      error: "BadInput",
    });
  await expect.poll(failed, WAIT).toBe(1);
  expect(await scrape(pipelines)).not.toMatch(/^temporal_workflow_failed\{.*workflow_type="ask"/m);
});

test("a scrape covers the champion", async () => {
  const [summary] = await faults.releases.list();
  const ndcg = async () => sample(await scrape(questions), "winnow_champion_ndcg", { corpus: "faults" });
  await expect.poll(ndcg, WAIT).toBeCloseTo(summary!.ndcg!, 6);
  const text = await scrape(questions);
  expect(sample(text, "winnow_champion_reranked", { corpus: "faults" })).toBe(0);
  const age = sample(text, "winnow_release_age_seconds", { corpus: "faults" });
  expect(age).toBeGreaterThan(0);
  expect(age).toBeLessThanOrEqual((Date.now() - Date.parse(summary!.createdAt)) / 1000);
});

test("winnow status shows the same, with the last run and the schedules", async () => {
  await winnow(faults, [
    "schedule",
    "create",
    "--every",
    "24h",
    "--source",
    faults.docs,
    "--name",
    "nightly",
    "--paused",
  ]);
  const status = await winnow<Status>(faults, ["status"]);
  const [summary] = await faults.releases.list();
  expect(status.champions).toMatchObject([{ id: summary!.id, corpus: "faults", ndcg: summary!.ndcg }]);
  expect(status.champions[0]!.ageSeconds).toBeGreaterThan(0);
  expect(status.lastRun).toMatchObject({ corpus: "faults", outcome: "promoted", at: expect.any(String) });
  expect(status.lastRun!.stages.map(({ name }) => name)).toEqual([...STAGES]);
  expect(status.lastRun!.stages.find(({ name }) => name === "train")!.seconds).toBeGreaterThan(0.5);
  // This server lacks Winnow's search attributes, so it cannot count by outcome.
  expect(status.asked).toEqual({ hours: 24, questions: 3, unsure: null, abstained: null, failed: 1 });
  expect(status.queues.map(({ queue, kind, pollers }) => [queue, kind, pollers])).toEqual([
    ["winnow", "workflow", 1],
    ["winnow", "activity", 1],
    ["winnow-cpu", "activity", 1],
    ["winnow-gpu", "activity", 1],
    ["winnow-query", "activity", 1],
  ]);
  expect(status.schedules).toMatchObject([{ name: "nightly", paused: true, everyMinutes: 1440 }]);
});

test("the dashboard queries only scraped metrics", async () => {
  await expect((await faults.startPipeline({ docs: { path: 7 } })).result()).rejects.toThrow();
  const { panels } = JSON.parse(readFileSync(DASHBOARD, "utf8")) as { panels: { targets: { expr: string }[] }[] };
  const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join("\n");
  const names = new Set(asked.match(/\b(winnow|temporal)_[a-z_]+/g));
  expect(names.size).toBeGreaterThan(12);
  const missing = async () => {
    const text = (await scrape(pipelines)) + (await scrape(questions));
    const given = new Set(text.match(/^[a-z_]+(?=\{)/gm));
    return [...names].filter((name) => !given.has(name));
  };
  await expect.poll(missing, WAIT).toEqual([]);
});

test("a port in use ends the worker with a remedy", async () => {
  await expect(faults.startWorker({ WINNOW_METRICS_PORT: `${questions}` })).rejects.toThrow(
    new RegExp(`WINNOW_METRICS_PORT: cannot listen on 127.0.0.1:${questions}`),
  );
});
