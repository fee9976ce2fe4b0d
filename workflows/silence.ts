import { ActivityFailure, sleep, TimeoutFailure } from "@temporalio/workflow";

/** Calls that may all end in silence, and the pause after each. */
export interface Forbearance {
  rounds: number;
  pauseMs: number;
}
const FORBEARANCE: Forbearance = { rounds: 3, pauseMs: 60_000 };

/**
 * Repeats a call whose last attempt ended without heartbeats. The worker was killed, or starved on a busy machine, which
 * tells nothing about the work. Work that takes its worker with it each time must end, so the last round throws the
 * timeout. Throws other errors of `call` unchanged.
 */
export async function throughSilence<R>(
  call: () => Promise<R>,
  { rounds, pauseMs }: Forbearance = FORBEARANCE,
): Promise<R> {
  for (let round = 1; ; round++) {
    try {
      return await call();
    } catch (error) {
      if (round === rounds || !fellSilent(error)) throw error;
      await sleep(pauseMs, { summary: "the workers fell silent and get time to recover" });
    }
  }
}

function fellSilent(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === "HEARTBEAT";
}
