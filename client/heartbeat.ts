import type { Client } from "@temporalio/client";
import { decodedPayload } from "./payloads.ts";

/** Progress of an activity, from its last heartbeat. */
export interface Heartbeat {
  step: number;
  of: number;
  note?: string;
}

/** The last heartbeat of the activities that a workflow waits for; null when none has sent one. */
export async function lastBeat(client: Client, workflowId: string): Promise<Heartbeat | null> {
  const description = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId },
  });
  const beats = await Promise.all(
    (description.pendingActivities ?? []).map(async (activity) => {
      const [payload] = activity.heartbeatDetails?.payloads ?? [];
      return payload ? heartbeat((await decodedPayload(client, payload)).data) : null;
    }),
  );
  return beats.find((found) => found !== null) ?? null;
}

function heartbeat(data: Uint8Array | null | undefined): Heartbeat | null {
  if (!data) return null;
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return null;
  }
}
