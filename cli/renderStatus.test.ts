import { expect, test } from "vitest";
import type { Status } from "../client/status.ts";
import { renderStatus as render } from "./renderStatus.ts";
import { printable } from "./style.ts";

const NOW = Date.parse("2026-11-23T10:04:30.000Z");
const renderStatus = (status: Status) => printable(render(status, NOW), false);

const idle: Status = {
  home: "/home",
  temporal: null,
  ui: null,
  api: null,
  llm: null,
  llmFrom: { origin: "shell", note: null },
  ollama: null,
  running: [],
  waiting: [],
  lastRun: null,
  asked: null,
  queues: [],
  schedules: [],
  champions: [],
};
const release = { id: "14f9f68957b3", createdAt: "2026-11-01", reason: "first release" };
const flags = { champion: true, promoted: true, retired: false };

test("shows what to do if nothing runs", () => {
  expect(renderStatus(idle)).toContain("`npx winnow up` starts it");
  expect(renderStatus(idle)).toContain("Serving   nothing yet");
});

test("shows the champion with age and nDCG, the last run, and the queues in which tasks wait", () => {
  const text = renderStatus({
    ...idle,
    temporal: "127.0.0.1:7233",
    champions: [{ ...release, ...flags, corpus: "k8s", ranking: "reranked", ndcg: 0.5534, ageSeconds: 5 * 86_400 }],
    lastRun: {
      workflowId: "pipeline-k8s",
      corpus: "k8s",
      outcome: "unchanged",
      at: "2026-11-23T10:00:30.000Z",
      stages: [],
    },
    queues: [
      { queue: "winnow-query", kind: "activity", backlog: 4, ageSeconds: 31, pollers: 0 },
      { queue: "winnow-cpu", kind: "activity", backlog: 0, ageSeconds: 0, pollers: 1 },
    ],
  });
  expect(text.split("\n").slice(3)).toEqual([
    "Serving   k8s: release 14f9f68957b3, 5 days old, ranking reranked, nDCG@10 0.553",
    "Last run  pipeline-k8s of k8s: unchanged, ended 4 min ago",
    "Queue     winnow-query, activity tasks: 4 wait, the oldest for 31 s; NO WORKER polls it",
    "Workers   1 of 2 queues are polled",
  ]);
});

test("shows the progress of a running stage: for training, its loss, pairs/s and time left", () => {
  const run = { workflowId: "pipeline-k8s", stage: "train", since: "2026-11-23T10:00:30.000Z" };
  const note = "loss 1.204, 5.1 pairs/s, 3 min left";
  const text = renderStatus({ ...idle, running: [{ ...run, beat: { step: 40, of: 226, note } }] });
  expect(text).toContain(
    "Running   pipeline-k8s: train 40/226 (loss 1.204, 5.1 pairs/s, 3 min left), started 4 min ago",
  );
  expect(renderStatus({ ...idle, running: [{ ...run, beat: null }] })).toContain(
    "pipeline-k8s: train, started 4 min ago",
  );
  const away = renderStatus({
    ...idle,
    running: [{ ...run, beat: null, note: "The store has been away since 10:00" }],
  });
  expect(away).toContain("pipeline-k8s: train (The store has been away since 10:00), started");
});

test("shows the seconds of the last run's stages, and the questions of a day", () => {
  const stages = [
    { name: "ingest" as const, seconds: 1.84, skipped: true },
    { name: "embed" as const, seconds: 8.21, skipped: false },
    { name: "train" as const, seconds: 100, skipped: false },
  ];
  const lastRun = { workflowId: "pipeline-k8s", corpus: "k8s", outcome: "promoted", at: null, stages };
  const lines = (abstained: number | null, questions = 120) => {
    const asked = { hours: 24, questions, unsure: abstained && 5, abstained, failed: 1 };
    return renderStatus({ ...idle, lastRun, asked }).split("\n");
  };
  expect(lines(8)).toContain("Last run  pipeline-k8s of k8s: promoted; embed 8.2 s, train 100.0 s");
  expect(lines(8)).toContain(
    "Asked     120 questions in 24 hours, 8 not answered by the docs, 5 not surely answered, 1 failed",
  );
  expect(lines(null, 1)).toContain("Asked     1 question in 24 hours, 1 failed");
  expect(lines(0, 0).some((line) => line.startsWith("Asked"))).toBe(false);
});

test("idle queues take one line, and missing workers are named", () => {
  const queue = (pollers: number) => ({
    queue: "winnow-cpu" as const,
    kind: "activity" as const,
    backlog: 0,
    ageSeconds: 0,
    pollers,
  });
  const last = (queues: ReturnType<typeof queue>[]) =>
    renderStatus({ ...idle, queues })
      .split("\n")
      .at(-1);
  expect(last([queue(1), queue(2)])).toBe("Workers   2 of 2 queues are polled, nothing waits");
  expect(last([queue(0)])).toBe("Workers   no worker polls: `npx winnow up` starts them, nothing waits");
});
