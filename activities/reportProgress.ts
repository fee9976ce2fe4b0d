import { Context } from "@temporalio/activity";
import { STAGE_PROGRESS, type StageName } from "../contracts/names.ts";
import type { StageProgress } from "../contracts/pipeline.ts";
import type { TaskProgress } from "../core/base/progress.ts";

/**
 * Delay before the first report; each pause is `GROWTH` times longer. Each report is an event in the run's timeline: an
 * hour has 5, a day 10. Heartbeats carry the progress in between.
 */
const FIRST_MS = 60_000;
const GROWTH = 2;

/**
 * Reports a stage's progress to the running workflow at growing intervals, which keeps its history short. Undeliverable
 * reports are dropped: the heartbeat carries the same progress.
 */
export function progressReporter(stage: StageName, first = FIRST_MS): (progress: TaskProgress) => void {
  const context = Context.current();
  let pause = first;
  let next = Date.now() + pause;
  return ({ step, of, note }) => {
    const now = Date.now();
    if (now < next) return;
    pause *= GROWTH;
    next = now + pause;
    const story: StageProgress = { stage, note: storyOf({ step, of, note }) };
    tell(context, story).catch(() => {});
  };
}

/** Formats the step count and the stage's note. */
function storyOf({ step, of, note }: TaskProgress): string {
  const count = `${step} of ${of}`;
  if (!note) return count;
  return note.includes(count) ? note : `${count} (${note})`;
}

async function tell(context: Context, story: StageProgress): Promise<void> {
  const { workflowId, runId } = context.info.workflowExecution ?? {};
  if (!workflowId) return;
  await context.client.workflow.getHandle(workflowId, runId).signal(STAGE_PROGRESS, story);
}
