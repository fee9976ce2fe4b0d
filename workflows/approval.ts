import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
} from "@temporalio/workflow";
import type { Verdict } from "../activities/deploy.ts";
import { approvalId } from "../contracts/names.ts";
import type { PipelineInput } from "../contracts/pipeline.ts";
import type { ApprovalDecision, ApprovalResult } from "../contracts/release.ts";
import { changeChampion } from "./champion.ts";
import { publishFacts } from "./facts.ts";
import { throughOutages } from "./outages.ts";
import { shortened } from "./pools.ts";

const approve = defineUpdate<ApprovalResult, [ApprovalDecision]>("approve");
const reject = defineUpdate<ApprovalResult, [ApprovalDecision]>("reject");
const supersede = defineSignal<[string]>("supersede");

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 30_000;
const HOUR_MS = 3_600_000;

export interface ApprovalInput {
  corpus: string;
  verdict: Verdict;
  /** Run that made the candidate. */
  run: string;
  hours: number;
  searchable: boolean;
}

/** Whether a person must approve, and within how many hours. */
export interface ApprovalRule {
  gate: PipelineInput["gate"];
  approvalHours: number;
  searchable: boolean;
}

type Decided = Pick<ApprovalResult, "outcome" | "by" | "reason">;

/**
 * Lets a candidate wait for a person: the update `approve` promotes it, `reject` keeps it back. The wait ends after a
 * timeout or when a newer candidate arrives. The run has ended by then, so neither its corpus nor its schedule is
 * blocked.
 */
export async function approval(input: ApprovalInput): Promise<ApprovalResult> {
  const { corpus, verdict, hours, searchable } = input;
  const { release } = verdict;
  let decided: Decided | null = null;
  let result: ApprovalResult | null = null;
  const decide = (outcome: "approved" | "rejected") => ({
    handler: async ({ by, reason }: ApprovalDecision): Promise<ApprovalResult> => {
      decided = { outcome, by, reason: reason ?? `${outcome} without a word` };
      await condition(() => result !== null);
      if (result!.outcome === "failed") throw ApplicationFailure.nonRetryable(result!.reason, "NotPromoted");
      return result!;
    },
    validator: (decision: ApprovalDecision) => requireDecision(decision, decided, release),
  });
  const [onApprove, onReject] = [decide("approved"), decide("rejected")];
  setHandler(approve, onApprove.handler, {
    validator: onApprove.validator,
    description: "Promotes the candidate. Argument: {by, reason?, release?}.",
  });
  setHandler(reject, onReject.handler, {
    validator: onReject.validator,
    description: "Keeps the candidate back. Argument: {by, reason?, release?}.",
  });
  const onSupersede = (newer: string) => {
    decided ??= { outcome: "superseded", by: null, reason: `release ${newer} is the newer candidate` };
  };
  setHandler(supersede, onSupersede, { description: "Ends the wait for a newer candidate, given by its release." });
  publishFacts(searchable, { corpus, release, outcome: "waiting", ndcg: verdict.ndcg ?? undefined });
  show(input, null);
  await condition(() => decided !== null, Math.max(1, Math.round(hours * HOUR_MS)));
  decided ??= { outcome: "timed out", by: null, reason: `nobody decided in ${hours} hours` };
  result = { corpus, release, ...(await carriedOut(input, decided)) };
  publishFacts(searchable, { corpus, release, outcome: result.outcome });
  show(input, result);
  await condition(allHandlersFinished);
  return result;
}

/** A rejected update never enters the history. */
function requireDecision(decision: ApprovalDecision, decided: Decided | null, waiting: string): void {
  const problem = () => {
    if (decided !== null) return `release ${waiting} was ${decided.outcome} already`;
    if (typeof decision?.by !== "string" || decision.by.trim() === "") return "by: the name of who decides is missing";
    const { release } = decision;
    if (release && !waiting.startsWith(release)) return `release ${waiting} waits for approval, not ${release}`;
    return null;
  };
  const found = problem();
  if (found) throw ApplicationFailure.nonRetryable(found, "BadInput");
}

/**
 * Promotes an approved candidate. If promotion fails, because another release serves or a file is damaged, the reason
 * is returned.
 */
async function carriedOut({ corpus, verdict, searchable }: ApprovalInput, decided: Decided): Promise<Decided> {
  if (decided.outcome !== "approved") return decided;
  const { release, champion: expected } = verdict;
  const { by, reason } = decided;
  try {
    const plan = { corpus, release, kind: "promotion" as const, expected, by, reason, searchable };
    await throughOutages(() => changeChampion(plan));
    return decided;
  } catch (error) {
    if (!(error instanceof ActivityFailure || error instanceof ApplicationFailure)) throw error;
    return { outcome: "failed", by, reason: error.cause?.message ?? error.message };
  }
}

function show({ corpus, verdict, run, hours }: ApprovalInput, result: ApprovalResult | null): void {
  const { release, gate, champion, ndcg, report } = verdict;
  const state = result
    ? `**${result.outcome}**${result.by ? ` by ${result.by}` : ""}: ${result.reason}`
    : `Waits ${hours} hours for the update \`approve\` or \`reject\`: \`npx winnow releases approve --corpus ${corpus}\``;
  const rows = gate.criteria.map(
    ({ name, passed, detail }) => `| ${name} | ${passed ? "passed" : "failed"} | ${detail.replaceAll("|", "/")} |`,
  );
  setCurrentDetails(
    [
      `Release \`${release}\` of corpus **${corpus}**, to replace \`${champion ?? "nothing"}\`. ${state}`,
      `Gate: ${gate.reason}. Ranking ${gate.ranking}, nDCG@10 ${ndcg?.toFixed(3) ?? "n/a"}. Report: \`${report}\`. Made by \`${run}\`.`,
      ["| criterion | verdict | numbers |", "| --- | --- | --- |", ...rows].join("\n"),
    ].join("\n\n"),
  );
}

/** Starts the wait for a person and returns its workflow id. An older candidate of the corpus stops waiting. */
export async function askApproval(input: ApprovalInput): Promise<string> {
  const { corpus, verdict } = input;
  const workflowId = approvalId(corpus);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      await startChild(approval, {
        workflowId,
        args: [input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: shortened(`Release ${verdict.release} of ${corpus} waits for approval`),
      });
      return workflowId;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    await getExternalWorkflowHandle(workflowId)
      .signal(supersede, verdict.release)
      .catch(() => {
        // The older wait has just ended by itself.
      });
    // A wait whose approval is being carried out first reads the whole release, which may take minutes.
    await sleep(pauseMs);
  }
}
