import { setCurrentDetails, workflowInfo } from "@temporalio/workflow";
import type { ChampionPlan } from "../activities/champion.ts";
import type { ChampionResult } from "../contracts/release.ts";
import { publishFacts } from "./facts.ts";
import { integrity, light, summarised } from "./pools.ts";

/** Makes a release the champion at a person's request. */
export async function promote(raw: unknown): Promise<ChampionResult> {
  return changeChampion(await summarised(light.planPromotion, "check what is to be promoted", raw));
}

/** Makes the previous champion serve again at a person's request. */
export async function rollback(raw: unknown): Promise<ChampionResult> {
  return changeChampion(await summarised(light.planRollback, "find what to go back to", raw));
}

/** Changes the champion in one compare-and-swap that records who and why. Refuses a release with damaged artifacts. */
export async function changeChampion(plan: ChampionPlan): Promise<ChampionResult> {
  const { corpus, release, kind, expected, reason } = plan;
  const { workflowId, runId: run } = workflowInfo();
  const by = plan.by ?? workflowId;
  publishFacts(plan.searchable, { corpus, release });
  const change = `corpus **${corpus}**: \`${expected ?? "nothing"}\` → \`${release}\`\n\nby ${by}: ${reason}`;
  setCurrentDetails(`${kind} under way, ${change}`);
  const changed = release !== expected;
  if (changed) {
    await summarised(integrity.verifyRelease, `read every byte of release ${release}`, release);
    await summarised(light.promote, `${release} serves ${corpus} from now on`, {
      release,
      expected,
      by,
      reason,
      kind,
      workflow: workflowId,
      run,
    });
  }
  setCurrentDetails(`${changed ? kind : "nothing to do: it serves already"}, ${change}`);
  return { corpus, release, kind, replaced: expected, changed, by, reason };
}
