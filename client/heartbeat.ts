import type { Client } from "@temporalio/client";
import { decodedPayload } from "./payloads.ts";

/** Progress of an activity, from its last heartbeat. */
export interface Heartbeat {
  step: number;
  of: number;
  note?: string;
}

/** An activity that a workflow waits for. */
export interface PendingActivity {
  /** Its type: the name of its function. */
  name: string;
  /** Its last heartbeat; null if it has sent none, or one that cannot be read here. */
  beat: Heartbeat | null;
}

/** The last heartbeat of the activities that a workflow waits for; null when none has sent one. */
export async function lastBeat(client: Client, workflowId: string): Promise<Heartbeat | null> {
  return (await pendingActivities(client, workflowId)).find(({ beat }) => beat !== null)?.beat ?? null;
}

/** The activities that a workflow waits for; none once it has ended. */
export async function pendingActivities(client: Client, workflowId: string): Promise<PendingActivity[]> {
  const description = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId },
  });
  return Promise.all(
    (description.pendingActivities ?? []).map(async ({ activityType, heartbeatDetails }) => {
      const [payload] = heartbeatDetails?.payloads ?? [];
      const beat = payload ? heartbeat((await decodedPayload(client, payload)).data) : null;
      return { name: activityType?.name ?? "", beat };
    }),
  );
}

function heartbeat(data: Uint8Array | null | undefined): Heartbeat | null {
  if (!data) return null;
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return null;
  }
}
