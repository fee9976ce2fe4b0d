import type { Client, WorkflowHandle } from "@temporalio/client";
import type { PipelineProgress, PipelineResult } from "../contracts/pipeline.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import { type Heartbeat, lastBeat } from "./heartbeat.ts";
import { resultOf } from "./outcome.ts";

/** Progress of a running pipeline; `beat` is that of the activity under way. */
export interface RunProgress extends PipelineProgress {
  beat: Heartbeat | null;
}

export interface FollowOptions {
  signal?: AbortSignal;
  /** Whether an aborted `signal` cancels the run and waits for its end, or leaves it running. Default: cancel. */
  onAbort?: "cancel" | "leave";
  /** Called every 0.7 s while the run answers. */
  onProgress?: (progress: RunProgress) => void;
}

const PAUSE_MS = 700;

/**
 * Waits until a pipeline run has ended and reports its progress. Throws the run's named error; Cancelled when it was
 * cancelled.
 */
export async function followPipeline(
  client: Client,
  handle: WorkflowHandle,
  { signal, onAbort = "cancel", onProgress = () => {} }: FollowOptions = {},
): Promise<PipelineResult> {
  let ended = false;
  const whole = resultOf<PipelineResult>(handle, onAbort === "cancel" ? signal : undefined);
  const left = `no longer following ${handle.workflowId}, which goes on`;
  const result = (onAbort === "leave" ? unlessAborted(whole, signal, left) : whole).finally(() => {
    ended = true;
  });
  result.catch(() => {});
  while (!ended) {
    await Promise.race([result.catch(() => {}), new Promise((settle) => setTimeout(settle, PAUSE_MS))]);
    // A run that does not answer now may answer the next time.
    const progress = ended ? null : await progressOf(client, handle).catch(() => null);
    if (progress) onProgress(progress);
  }
  return result;
}

async function progressOf(client: Client, handle: WorkflowHandle): Promise<RunProgress> {
  const progress = await handle.query<PipelineProgress>("progress");
  return { ...progress, beat: await lastBeat(client, handle.workflowId) };
}
