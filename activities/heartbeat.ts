import { Context } from "@temporalio/activity";
import type { StageName } from "../contracts/names.ts";
import type { TaskProgress } from "../core/base/progress.ts";
import type { Pulse } from "../core/stages/stage.ts";

const HEARTBEAT_MS = 1000;

/** Heartbeat details of a running stage, for the CLI and the Web UI. */
export interface StageHeartbeat extends TaskProgress {
  stage: StageName | "ask";
}

/**
 * Runs work under a timed heartbeat, so that a cancellation is noticed even if the work reports nothing. The work runs
 * in another process and leaves this event loop free.
 */
export async function withHeartbeat<T>(stage: StageHeartbeat["stage"], work: (pulse: Pulse) => Promise<T>): Promise<T> {
  const context = Context.current();
  let last: StageHeartbeat = { stage, step: 0, of: 0 };
  const beat = () => context.heartbeat(last);
  const timer = setInterval(beat, HEARTBEAT_MS);
  beat();
  try {
    return await work({
      signal: context.cancellationSignal,
      onProgress: (progress) => {
        last = { stage, ...progress };
      },
    });
  } finally {
    clearInterval(timer);
  }
}
