import { expect } from "vitest";
import { connectClient } from "../../client/temporal.ts";
import { stack } from "./stageSignals.ts";

/** The server deletes a workflow once its queues have recorded that they are done with it, which they do every 30 seconds. */
const DELETED_MS = 120_000;

/** Deletes a workflow from the Temporal server of a home, as its retention would. */
export async function forget(home: string, workflowId: string): Promise<void> {
  const client = await connectClient(stack(home).address, { namespace: "default", payloadKeys: null });
  try {
    await client.workflowService.deleteWorkflowExecution({ namespace: "default", workflowExecution: { workflowId } });
    const handle = client.workflow.getHandle(workflowId);
    const isThere = () =>
      handle.describe().then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: DELETED_MS }).toBe(false);
  } finally {
    await client.connection.close();
  }
}
