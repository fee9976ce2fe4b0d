import { type Client, WorkflowUpdateFailedError } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import { approvalId, WORKFLOWS } from "../contracts/names.ts";
import type { ApprovalDecision, ApprovalResult } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";
import { fact } from "./facts.ts";
import { asWinnowError } from "./outcome.ts";

/** Selects the candidate of a decision; default: the only one that waits. */
export interface Waiting {
  /** Id of its workflow. */
  workflow?: string;
  corpus?: string;
}

/**
 * Sends a person's decision on the candidate that waits for one. Throws BadInput when none waits, several wait and none is
 * named, or another release waits than the decision names.
 *
 * @example
 * await decide(client, "approve", { by: "dana", reason: "checked the report" }, { corpus: "k8s" });
 */
export async function decide(
  client: Client,
  decision: "approve" | "reject",
  { by, reason, release }: ApprovalDecision,
  { workflow, corpus }: Waiting = {},
): Promise<ApprovalResult> {
  const id = workflow || (corpus ? approvalId(corpus) : await onlyWaiting(client));
  try {
    return await client.workflow
      .getHandle(id)
      .executeUpdate<ApprovalResult, [ApprovalDecision]>(decision, { args: [{ by, reason, release }] });
  } catch (error) {
    throw readable(error, id);
  }
}

/** A candidate that waits for a person. */
export interface WaitingCandidate {
  workflowId: string;
  corpus: string | null;
  release: string | null;
  since: string;
}

/** Candidates of all corpora that wait for a person. Throws what the server refuses. */
export async function waitingCandidates(client: Client): Promise<WaitingCandidate[]> {
  const waiting: WaitingCandidate[] = [];
  const query = `WorkflowType = "${WORKFLOWS.approval}" AND ExecutionStatus = "Running"`;
  for await (const info of client.workflow.list({ query })) {
    const since = info.startTime.toISOString();
    waiting.push({ workflowId: info.workflowId, corpus: fact(info, "corpus"), release: fact(info, "release"), since });
  }
  return waiting;
}

async function onlyWaiting(client: Client): Promise<string> {
  const ids = (await waitingCandidates(client)).map(({ workflowId }) => workflowId);
  if (ids.length === 1) return ids[0]!;
  if (ids.length === 0) throw new WinnowError("BadInput", "No candidate waits for approval.");
  throw new WinnowError("BadInput", `Several candidates wait, name one of: ${ids.join(", ")}`);
}

function readable(error: unknown, id: string): unknown {
  if (error instanceof WorkflowNotFoundError)
    return new WinnowError("BadInput", `No candidate waits for approval in ${id}: it was decided, or never asked for.`);
  return asWinnowError(error instanceof WorkflowUpdateFailedError ? (error.cause ?? error) : error);
}
