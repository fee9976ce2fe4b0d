import { Context } from "@temporalio/activity";
import { STAGE_PROGRESS, type StageName } from "../contracts/names.ts";
import type { StageProgress } from "../contracts/pipeline.ts";
import type { TaskProgress } from "../core/base/progress.ts";

/** The first telling comes after so long, each later one after a pause longer by so much: an hour is 17 of them, a day 29. */
const FIRST_MS = 10_000;
const GROWTH = 1.3;

/**
 * Tells the running workflow how far a stage is, at growing intervals, so that its history stays short. What cannot be
 * delivered is left out: the details in the Web UI are then older, the heartbeat says the same.
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

/** Step of steps, and what the stage says beyond that. */
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
