import { expect } from "vitest";
import { connectClient } from "../../client/temporal.ts";
import { stack } from "./stageSignals.ts";

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
    await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
  } finally {
    await client.connection.close();
  }
}
