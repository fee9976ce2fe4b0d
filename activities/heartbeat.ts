import { Context } from "@temporalio/activity";
import type { StageName } from "../contracts/names.ts";
import type { TaskProgress } from "../core/base/progress.ts";
import type { OnText } from "../core/llm/streamedReply.ts";
import type { Pulse } from "../core/stages/stage.ts";

const HEARTBEAT_MS = 1000;
/** Workers of the query queue send heartbeats as often as this (workers/options.ts). */
const TEXT_MS = 100;

/** Heartbeat details of a running stage, for the CLI and the Web UI. */
export interface StageHeartbeat extends TaskProgress {
  stage: StageName | "ask";
}

/** Heartbeat details of an answer that is followed while the LLM writes it. */
export interface TextHeartbeat extends StageHeartbeat {
  /** Attempt that the text belongs to: the details of an earlier attempt stay until the next one sends some. */
  attempt: number;
  text: string;
}

/**
 * Runs work under a timed heartbeat, so that a cancellation is noticed even if the work reports nothing. The work runs
 * in another process and leaves this event loop free.
 */
export async function withHeartbeat<T>(stage: StageHeartbeat["stage"], work: (pulse: Pulse) => Promise<T>): Promise<T> {
  let last: StageHeartbeat = { stage, step: 0, of: 0 };
  const onProgress: Pulse["onProgress"] = (progress) => {
    last = { stage, ...progress };
  };
  return beating(
    () => last,
    (signal) => work({ signal, onProgress }),
  );
}

/** The same for a text that grows: it is sent as it arrives, at most every 100 ms. */
export async function withTextHeartbeat<T>(work: (signal: AbortSignal, onText: OnText) => Promise<T>): Promise<T> {
  const { attempt } = Context.current().info;
  let read = () => "";
  let next: NodeJS.Timeout | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  const details = (): TextHeartbeat => ({ stage: "ask", step: 0, of: 0, attempt, text: read() });
  const withText = (signal: AbortSignal, beat: () => void) => {
    const send = () => {
      next = undefined;
      sentAt = performance.now();
      beat();
    };
    return work(signal, (soFar) => {
      read = soFar;
      next ??= setTimeout(send, Math.max(0, sentAt + TEXT_MS - performance.now()));
    });
  };
  return beating(details, withText).finally(() => clearTimeout(next));
}

/** Sends `details` every second, and whenever the work calls `beat`. */
async function beating<T>(
  details: () => StageHeartbeat,
  work: (signal: AbortSignal, beat: () => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  const timer = setInterval(beat, HEARTBEAT_MS);
  beat();
  try {
    return await work(context.cancellationSignal, beat);
  } finally {
    clearInterval(timer);
  }
}
