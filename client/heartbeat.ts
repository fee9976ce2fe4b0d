import type { Client } from "@temporalio/client";
import type { Payload } from "@temporalio/common";

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
      return payload ? heartbeat((await decoded(client, payload)).data) : null;
    }),
  );
  return beats.find((found) => found !== null) ?? null;
}

/** Undoes the codecs of the client's connection. */
async function decoded(client: Client, payload: Payload): Promise<Payload> {
  let payloads = [payload];
  for (const codec of client.options.loadedDataConverter.payloadCodecs) payloads = await codec.decode(payloads);
  return payloads[0]!;
}

function heartbeat(data: Uint8Array | null | undefined): Heartbeat | null {
  if (!data) return null;
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return null;
  }
}
