import { expect, it } from "vitest";
import { renderOpenRun, renderRuns } from "./renderRuns.ts";

const open = {
  workflowId: "pipeline-helm-1",
  corpus: "helm",
  started: new Date(Date.now() - 4 * 60_000).toISOString(),
  options: { docs: "/srv/my docs", budget: "20", force: "train deploy" },
  cancelling: false,
};

it("an open run is named with its options as they are typed, and what differs", () => {
  expect(renderOpenRun(open, { whenOpen: "follow", differences: [] })).toBe(
    [
      "Run pipeline-helm-1 of corpus helm, started 4 min ago, is open. Following it to its end.",
      '  Its options:   --docs "/srv/my docs" --budget 20 --force train deploy',
    ].join("\n"),
  );
  const differences = [
    { option: "budget", open: "20", asked: "2" },
    { option: "questions", open: null, asked: "/q.jsonl" },
  ];
  expect(renderOpenRun(open, { whenOpen: "follow", differences }).split("\n")[2]).toBe(
    "  Unlike yours:  budget 20, not 2; questions by default, not /q.jsonl. `--replace` cancels this run and starts yours.",
  );
});

it("a run that is replaced or being cancelled is waited for", () => {
  expect(renderOpenRun(open, { whenOpen: "replace", differences: [] })).toMatch(/is cancelled\. A new run starts/);
  expect(renderOpenRun({ ...open, cancelling: true }, { whenOpen: "follow", differences: [] })).toMatch(
    /is being cancelled\. A new run starts/,
  );
});

it("runs are a table: open ones by stage, others by outcome or end", () => {
  const run = { ...open, ended: null, outcome: null, stage: "train" };
  const [, , first, second, third] = renderRuns([
    { ...run, status: "running" },
    { ...run, status: "completed", outcome: "promoted" },
    { ...run, status: "terminated" },
  ]).split("\n");
  expect(first).toMatch(/^pipeline-helm-1 +helm +open, train +4 min ago +--docs/);
  expect(second).toMatch(/ promoted /);
  expect(third).toMatch(/ terminated /);
  expect(renderRuns([])).toMatch(/^No run yet/);
});
