import type { Client, WorkflowHandle } from "@temporalio/client";
import { expect, test } from "vitest";
import { followPipeline } from "../client/follow.ts";
import type { PipelineProgress } from "../contracts/pipeline.ts";
import { openIo } from "./io.ts";
import { PipelineScreen } from "./pipelineScreen.ts";

/** Output of a run without a terminal, after these progress reports. */
async function printed(...asked: Partial<PipelineProgress>[]): Promise<string[]> {
  let end: (result: object) => void = () => {};
  const handle = {
    workflowId: "w",
    result: () => new Promise((settle) => (end = settle)),
    async query() {
      const next = asked.shift();
      if (asked.length === 0) end({ stages: [] });
      return { stages: [], artifacts: [], note: null, ...next };
    },
  } as unknown as WorkflowHandle;
  const client = {
    options: { namespace: "default" },
    workflowService: { describeWorkflowExecution: async () => ({ pendingActivities: [] }) },
  } as unknown as Client;
  const lines: string[] = [];
  const out = { isTTY: false, columns: 80, write: (text: string | Uint8Array) => lines.push(`${text}`) > 0 };
  const screen = new PipelineScreen(openIo(false, out, out));
  await followPipeline(client, handle, { onProgress: (now) => screen.show(now) });
  return lines;
}

test("a waiting run shows what it waits for, once per attempt", async () => {
  const waits = (note: string) => ({ stage: "embed" as const, note });
  expect(
    await printed({ stage: "embed" }, waits("away, again at 1"), waits("away, again at 1"), waits("again at 2")),
  ).toEqual(["  … embed\n", "  … embed: away, again at 1\n", "  … embed: again at 2\n"]);
});

test("without a terminal, a long stage shows its progress once a minute", () => {
  const lines: string[] = [];
  let now = 1_000_000;
  const out = { isTTY: false, columns: 80, write: (text: string | Uint8Array) => lines.push(`${text}`) > 0 };
  const screen = new PipelineScreen(openIo(false, out, out), () => now);
  const before = { stages: [], artifacts: [], note: null, first: null };
  const show = (step: number, note: string, of = 90) =>
    screen.show({ ...before, stage: "embed", beat: { step, of, note } });
  show(1, "passages embedded");
  now += 59_000;
  show(2, "passages embedded");
  now += 2_000;
  show(30, "passages embedded");
  now += 61_000;
  show(60, "60 of 90 passages");
  now += 61_000;
  show(0, "waits for a lock", 1);
  expect(lines).toEqual(["  … embed\n", "  … embed: 30 of 90 passages embedded\n", "  … embed: 60 of 90 passages\n"]);
});
