import { userInfo } from "node:os";
import { type Client, WorkflowUpdateFailedError } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import { approvalId, WORKFLOWS } from "../../contracts/names.ts";
import type { ApprovalDecision, ApprovalResult } from "../../contracts/release.ts";
import { WinnowError } from "../../core/base/errors.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { useStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

export interface ApprovalOptions extends Partial<ApprovalDecision> {
  workflow?: string;
  corpus?: string;
}

/** Sends a person's decision on the candidate that waits for one. */
export async function approvalCommand(
  config: CliConfig,
  io: Io,
  update: "approve" | "reject",
  { workflow, corpus, by = userInfo().username, reason, release }: ApprovalOptions,
): Promise<void> {
  const stack = await useStack(config, io.log);
  try {
    const client = await connectClient(stack.info.address, config);
    const id = workflow || (corpus ? approvalId(corpus) : await onlyWaiting(client));
    const result = await client.workflow
      .getHandle(id)
      .executeUpdate<ApprovalResult, [ApprovalDecision]>(update, { args: [{ by, reason, release }] })
      .catch((error) => {
        throw readable(error, id);
      });
    await client.connection.close();
    const now = update === "approve" ? "serves now" : "is kept, not promoted";
    io.result(
      result,
      () => `Release ${result.release} of ${result.corpus} ${now} (${result.outcome} by ${result.by}).`,
    );
  } finally {
    await stack.stop();
  }
}

async function onlyWaiting(client: Client): Promise<string> {
  const ids: string[] = [];
  const query = `WorkflowType = "${WORKFLOWS.approval}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  if (ids.length === 1) return ids[0]!;
  if (ids.length === 0) throw new WinnowError("BadInput", "No candidate waits for approval.");
  throw new WinnowError("BadInput", `Several candidates wait, name one of: ${ids.join(", ")}`);
}

function readable(error: unknown, id: string): unknown {
  if (error instanceof WorkflowNotFoundError)
    return new WinnowError("BadInput", `No candidate waits for approval in ${id}: it was decided, or never asked for.`);
  return error instanceof WorkflowUpdateFailedError ? (error.cause ?? error) : error;
}
