import { Context } from "@temporalio/activity";
import type { QueueName } from "../contracts/names.ts";
import { type StageActivities, type StageKey, stageOf, stagesOn } from "../core/stages/index.ts";
import { runStage } from "../core/stages/runStage.ts";
import type { Pulse, StageContext, StageInput } from "../core/stages/stage.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { progressReporter } from "./reportProgress.ts";

/** Returns an activity for each stage of a queue, by its key in the stage table. */
export function createStageActivities(queue: QueueName, context: StageContext): StageActivities {
  const activities = stagesOn(queue).map((key) => [key, (input: StageInput) => runUnderHeartbeat(key, input, context)]);
  return Object.fromEntries(activities);
}

function runUnderHeartbeat(key: StageKey, input: StageInput, context: StageContext) {
  const stage = stageOf(key);
  const reports = stage.reports?.(input) ?? stage.slot?.(input) === undefined;
  return withHeartbeat(stage.of, (heartbeat) => {
    const pulse = reports ? reported(heartbeat, progressReporter(stage.of)) : heartbeat;
    const since = Context.current().info.scheduledTimestampMs;
    return runStage(stage, input, context, { ...pulse, task: key, since });
  });
}

/** A pulse that also reports progress to the workflow. */
function reported(pulse: Pulse, report: Pulse["onProgress"]): Pulse {
  return {
    signal: pulse.signal,
    onProgress(progress) {
      pulse.onProgress(progress);
      report(progress);
    },
  };
}
