import { ActivityFailure, ApplicationFailure, sleep } from "@temporalio/workflow";
import { OUTAGES } from "../contracts/names.ts";

type Away = (typeof OUTAGES)[number];

/** Display names of the stores. */
const STORES: Record<Away, string> = {
  StoreUnavailable: "The store of artifacts",
  VectorServerUnavailable: "The vector database",
};

/** Milliseconds. Pauses double from the first to the longest, and all pauses of one call stay below the total. */
export interface Patience {
  firstMs: number;
  longestMs: number;
  totalMs: number;
}
const PATIENCE: Patience = { firstMs: 2000, longestMs: 60_000, totalMs: 20 * 60_000 };

/**
 * A silent store fails an attempt within this time. A later failure means the store had recovered: count it as a new
 * outage.
 */
const SILENT_MS = 5 * 60_000;

/** Receives the unavailable store with the start of its outage and the next attempt; null on that attempt. */
export type Waiting = (waiting: string | null) => void;

/**
 * Repeats a call while a store is unavailable. An outage does not use up attempts of the work. Throws other errors of
 * `call` unchanged, and a failure with a remedy if the store stays down.
 */
export async function throughOutages<R>(
  call: () => Promise<R>,
  waits: Waiting = () => {},
  { firstMs, longestMs, totalMs }: Patience = PATIENCE,
): Promise<R> {
  let [since, pause, waited] = [0, firstMs, 0];
  for (;;) {
    const began = Date.now();
    try {
      return await call();
    } catch (error) {
      const outage = outageOf(error);
      if (outage === null) throw error;
      if (since === 0 || Date.now() - began > SILENT_MS) [since, pause] = [Date.now(), firstMs];
      if (waited + pause > totalMs) throw stayedAway(outage, since, waited);
      const away = `${STORES[outage.type]} has been away since ${clock(since)} UTC`;
      waits(
        `${away}: asked again at ${clock(Date.now() + pause)}, given up after ${minutes(totalMs - waited)} more of waiting. ${outage.message}`,
      );
      await sleep(pause, { summary: away });
      waits(null);
      waited += pause;
      pause = Math.min(2 * pause, longestMs);
    }
  }
}

interface Outage {
  type: Away;
  message: string;
}

function outageOf(error: unknown): Outage | null {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return null;
  const type = OUTAGES.find((outage) => outage === cause.type);
  return type ? { type, message: cause.message } : null;
}

/** Has no cause: commands print the innermost message, and this one names the remedy. */
function stayedAway({ type, message }: Outage, since: number, waited: number): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${STORES[type]} has been away since ${clock(since)} UTC, and stayed so for ${minutes(waited)} of waiting. What the stages made is kept: start the run again when the store answers. ${message}`,
    type,
  );
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
