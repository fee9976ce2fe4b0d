import { proxyActivities } from "@temporalio/workflow";
import { throughOutages } from "../../workflows/outages.ts";
import { throughSilence } from "../../workflows/silence.ts";

const { ask } = proxyActivities<{ ask(): Promise<void> }>({
  startToCloseTimeout: "1 minute",
  heartbeatTimeout: "1 second",
  retry: { maximumAttempts: 1 },
});

/** Waits two seconds in all for a store. */
export function impatient(): Promise<void> {
  return throughOutages(ask, undefined, { firstMs: 500, longestMs: 1000, totalMs: 2000 });
}

/** Bears silence twice, for half a second each. */
export function forbearing(): Promise<void> {
  return throughSilence(ask, { rounds: 3, pauseMs: 500 });
}
