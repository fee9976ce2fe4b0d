import type { Client, WorkflowExecutionInfo } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import { WORKFLOWS } from "../contracts/names.ts";
import type { PipelineProgress } from "../contracts/pipeline.ts";
import { messageOf } from "../core/base/errors.ts";
import { waitingCandidates } from "./approval.ts";

const ANSWER_MS = 15_000;

/** Artifacts and releases that running workflows need. */
export interface Held {
  /** Digests of artifacts, and release ids, which are prefixes of digests. */
  digests: string[];
  /** Workflows that did not report what they need, and why. */
  silent: { workflowId: string; why: string }[];
}

/** Returns the artifacts of running pipelines and the releases that wait for a person. */
export async function heldByWorkflows(client: Client): Promise<Held> {
  const held: Held = { digests: [], silent: [] };
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus = "Running"`;
  for await (const run of client.workflow.list({ query })) {
    try {
      held.digests.push(...(await artifactsOf(client, run)));
    } catch (error) {
      // The run has ended since. Its records remain.
      if (error instanceof WorkflowNotFoundError) continue;
      held.silent.push({ workflowId: run.workflowId, why: messageOf(error).split("\n")[0]! });
    }
  }
  for (const { workflowId, release } of await waitingCandidates(client)) {
    if (release) held.digests.push(release);
    else held.silent.push({ workflowId, why: "it reports no release" });
  }
  return held;
}

async function artifactsOf(client: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<string[]> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { artifacts } = await client.withDeadline(Date.now() + ANSWER_MS, () =>
    handle.query<PipelineProgress>("progress"),
  );
  return artifacts.map(({ sha256 }) => sha256);
}

/** The workflows that do not report what they need, as text. */
export function describeSilent(silent: Held["silent"]): string {
  return silent.map(({ workflowId, why }) => `${workflowId} does not report what it holds (${why})`).join("; ");
}
