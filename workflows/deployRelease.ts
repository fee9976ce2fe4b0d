import { workflowInfo } from "@temporalio/workflow";
import type { DecideInput, Verdict } from "../activities/deploy.ts";
import { type ApprovalRule, askApproval } from "./approval.ts";
import { throughOutages, type Waiting } from "./outages.ts";
import type { StageOutcome } from "./outcome.ts";
import { light, summarised } from "./pools.ts";

/**
 * Lets the gate decide, then promotes an accepted candidate at once or after a person's approval. A refused candidate
 * is kept, and the run still completes.
 */
export async function deployRelease(
  input: Omit<DecideInput, "createdAt">,
  { gate: mode, approvalHours: hours, searchable }: ApprovalRule,
  waits: Waiting,
): Promise<StageOutcome & { verdict: Verdict; promoted: boolean; reason: string; approval: string | null }> {
  const { workflowId, runId: run } = workflowInfo();
  const began = Date.now();
  const candidate = { ...input, createdAt: new Date(began).toISOString() };
  const verdict = await throughOutages(() => summarised(light.decideRelease, "the gate decides", candidate), waits);
  const { release, gate, champion, serving, approvable } = verdict;
  const { corpus } = input;
  const byHand = mode === "manual" && !serving;
  const approval =
    byHand && approvable ? await askApproval({ corpus, verdict, run: workflowId, hours, searchable }) : null;
  const promoting = gate.promoted && !serving && !byHand;
  const change = { release, expected: champion, by: workflowId, reason: gate.reason, workflow: workflowId, run };
  const promote = () => summarised(light.promote, `${release} serves ${corpus} from now on`, change);
  if (promoting) await throughOutages(promote, waits);
  const outcome = { promoted: serving || promoting, approval, reason: reasonOf(verdict, approval, corpus) };
  const state = outcome.promoted ? "promoted" : approval ? "waiting" : "kept, not promoted";
  return {
    ...outcome,
    verdict,
    skipped: serving,
    why: serving ? outcome.reason : "a candidate to decide on",
    seconds: (Date.now() - began) / 1000,
    summary: `release ${release} ${state}: ${outcome.reason}`,
  };
}

function reasonOf({ serving, release, gate }: Verdict, approval: string | null, corpus: string): string {
  if (serving) return `release ${release} serves these very artifacts already`;
  if (approval === null) return gate.reason;
  return `waits for approval in ${approval} (npx winnow releases approve --corpus ${corpus}); gate: ${gate.reason}`;
}
