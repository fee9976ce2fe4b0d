import { table } from "../cli/table.ts";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import { type HistorySize, historySizeOf } from "../tests/workflows/historySize.ts";

export interface MeasuredHistory extends HistorySize {
  passages: number;
  shards: number;
}

/** Other sources of parallel work: questions to evaluate, and workers of the cpu pool. */
const LOAD = { questions: 300, workers: 4 };

/**
 * Measures the history of the pipeline over that many passages, with four workers, on a real Temporal server. Its
 * activities pass the usual references and do no work.
 */
export async function measureHistory(passages: number): Promise<MeasuredHistory> {
  // Imported on use: loading starts Temporal's runtime, which takes over signals and keeps a process alive.
  const { startTestServer } = await import("../tests/server.ts");
  const { stage, withWorkers } = await import("../tests/workflows/stubs.ts");
  const play = stage({ passages, ...LOAD });
  const workflowId = `scale-${passages}`;
  const args = [{ docs: { path: "samples/docs", name: workflowId } }];
  const env = await startTestServer();
  try {
    const events = await withWorkers(env, play, async () => {
      const handle = await env.client.workflow.start(WORKFLOWS.pipeline, { workflowId, taskQueue: QUEUES.main, args });
      await handle.result();
      return (await handle.fetchHistory()).events!;
    });
    const shards = play.calls.filter((call) => call.startsWith("embed@")).length;
    return { passages, shards, ...historySizeOf(events) };
  } finally {
    await env.teardown();
  }
}

export function renderHistories(all: MeasuredHistory[]): string {
  const rows = all.map(({ passages, shards, events, payloads, largestBytes, allBytes }) => [
    passages.toLocaleString("en"),
    `${shards}`,
    `${events}`,
    `${payloads}`,
    `${(largestBytes / 1024).toFixed(1)} KB`,
    `${(allBytes / 1024).toFixed(0)} KB`,
  ]);
  return table(["passages", "shards", "events", "payloads", "largest", "all"], rows);
}
