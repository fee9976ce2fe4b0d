import { proxyActivities } from "@temporalio/workflow";
import { throughOutages } from "../../workflows/outages.ts";

const { ask } = proxyActivities<{ ask(): Promise<void> }>({
  startToCloseTimeout: "1 minute",
  retry: { maximumAttempts: 1 },
});

/** Waits two seconds in all for a store. */
export function impatient(): Promise<void> {
  return throughOutages(ask, undefined, { firstMs: 500, longestMs: 1000, totalMs: 2000 });
}
