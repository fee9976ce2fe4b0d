import { patched, workflowInfo } from "@temporalio/workflow";
import type { DecideInput, Verdict } from "../activities/deploy.ts";
import type { EmbedInput } from "../activities/embed.ts";
import type { PrepareInput, TrainInput } from "../activities/train.ts";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES } from "../contracts/names.ts";
import type { ApprovalRule } from "./approval.ts";
import { askApproval } from "./approval.ts";
import { embeddingShards, shardsOf20000 } from "./embedPlan.ts";
import { fanOut } from "./fanOut.ts";
import { throughOutages } from "./outages.ts";
import type { StageOutcome } from "./outcome.ts";
import { cpu, gpu, light, onPool, told, writer } from "./pools.ts";
import { prepareInShards } from "./prepareInShards.ts";

/** Embeds the passages in shards, a few at a time, so that a million of them fit one history; `tell` hears how many are done. */
export async function embedShards(
  input: Pick<EmbedInput, "corpus" | "ingest" | "mode">,
  passages: number,
  tell: (note: string) => void,
): Promise<StageOutcome & { refs: ArtifactRef[] }> {
  const shards = (patched("embed-shards-of-equal-size") ? embeddingShards : shardsOf20000)(passages);
  const alone = shards.length === 1;
  const embed = (shard: number) => {
    const { first, last } = shards[shard]!;
    const summary = `embed passages ${first + 1} to ${last} of ${passages}`;
    return onPool(QUEUES.cpu, cpu.embed, summary, { ...input, first, last, alone });
  };
  const done = await fanOut(shards.length, embed, (finished) => {
    if (!alone) tell(`${finished} of ${shards.length} shards`);
  });
  const sumOf = (fact: "count" | "embedded") => done.reduce((sum, shard) => sum + shard.facts[fact], 0);
  const computed = done.find((shard) => !shard.skipped) ?? done[0]!;
  return {
    refs: done.map(({ ref }) => ref),
    ref: done[0]!.ref,
    skipped: computed.skipped,
    why: computed.why,
    seconds: Math.max(...done.map(({ seconds }) => seconds)),
    summary:
      done.length === 1
        ? computed.summary
        : `${sumOf("count")} vectors in ${done.length} shards, ${sumOf("embedded")} embedded`,
  };
}

/** Training questions with mined negatives, `written` of them by an LLM, then the fine-tuning itself. */
export async function trainReranker(
  prepare: PrepareInput,
  { budgetMinutes, written: count }: Pick<TrainInput, "budgetMinutes"> & { written: number },
  tell: (note: string) => void,
): Promise<StageOutcome & { ref: ArtifactRef; data: ArtifactRef }> {
  const { corpus, seed, mode } = prepare;
  const { ingest } = prepare;
  // A run of one later stage takes what the last training left.
  const written =
    count > 0 && !mode.cachedOnly
      ? await onPool(QUEUES.cpu, writer.writeQuestions, "ask the LLM for questions", {
          corpus,
          ingest,
          count,
          seed,
          mode,
        })
      : null;
  const mining = written ? { ...prepare, written: written.ref } : prepare;
  const data = await prepareInShards(mining, "mine training questions and negatives", tell);
  const input = { corpus, data: data.ref, budgetMinutes, seed, mode };
  const summary = `fine-tune the reranker for ${budgetMinutes} min`;
  const trained = await onPool(QUEUES.gpu, gpu.train, summary, input);
  return {
    ref: trained.ref,
    data: data.ref,
    skipped: trained.skipped,
    why: trained.why,
    seconds: (written?.seconds ?? 0) + data.seconds + trained.seconds,
    summary: `${data.summary}; ${trained.summary}`,
  };
}

/**
 * The gate decides, and what it lets through serves from then on, at once or when a person has approved. A refused
 * candidate is kept, and that is no failure.
 */
export async function deployRelease(
  input: Omit<DecideInput, "createdAt">,
  { gate: mode, approvalHours: hours, searchable }: ApprovalRule,
): Promise<StageOutcome & { verdict: Verdict; promoted: boolean; reason: string; approval: string | null }> {
  const { startTime, workflowId, runId: run } = workflowInfo();
  const began = Date.now();
  const candidate = { ...input, createdAt: startTime.toISOString() };
  const verdict = await throughOutages(() => told(light.decideRelease, "the gate decides", candidate));
  const { release, gate, champion, serving, approvable } = verdict;
  const { corpus } = input;
  const byHand = mode === "manual" && !serving;
  const approval =
    byHand && approvable ? await askApproval({ corpus, verdict, run: workflowId, hours, searchable }) : null;
  const promoting = gate.promoted && !serving && !byHand;
  const change = { release, expected: champion, by: workflowId, reason: gate.reason, workflow: workflowId, run };
  if (promoting) await throughOutages(() => told(light.promote, `${release} serves ${corpus} from now on`, change));
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
