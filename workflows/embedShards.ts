import type { ArtifactRef } from "../contracts/artifacts.ts";
import { QUEUES } from "../contracts/names.ts";
import type { EmbedInput } from "../core/stages/embed.ts";
import { embeddingShards } from "./embedPlan.ts";
import { fanOut } from "./fanOut.ts";
import type { StageOutcome } from "./outcome.ts";
import { cpu } from "./pools.ts";
import type { PipelineRun } from "./progress.ts";

/** Embeds the passages in shards, a few at a time, so that a million passages fit one history. */
export async function embedShards(
  run: PipelineRun,
  input: Omit<EmbedInput, "first" | "last" | "alone">,
  passages: number,
): Promise<StageOutcome & { refs: ArtifactRef[] }> {
  const shards = embeddingShards(passages);
  const alone = shards.length === 1;
  const embed = (shard: number) => {
    const { first, last } = shards[shard]!;
    const summary = `embed passages ${first + 1} to ${last} of ${passages}`;
    return run.on(QUEUES.cpu, cpu.embed, summary, { ...input, first, last, alone });
  };
  const done = await fanOut(shards.length, embed, (finished) => {
    if (!alone) run.report(`${finished} of ${shards.length} shards`);
  });
  const sumOf = (fact: "count" | "embedded") => done.reduce((sum, shard) => sum + shard.facts[fact], 0);
  const computed = done.find((shard) => !shard.skipped) ?? done[0]!;
  return {
    refs: done.map(({ ref }) => ref),
    ref: done[0]!.ref,
    skipped: computed.skipped,
    why: computed.why,
    seconds: Math.max(...done.map(({ seconds }) => seconds)),
    summary: alone
      ? computed.summary
      : `${sumOf("count")} vectors in ${done.length} shards, ${sumOf("embedded")} embedded`,
  };
}
