import { randomUUID } from "node:crypto";
import type { Client } from "@temporalio/client";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import type { ChampionResult, PromoteInput, RollbackInput } from "../contracts/release.ts";
import { resultOf } from "./outcome.ts";

/** Who decides and why, for the ledger. With `expected`, the change applies only if this release is the champion. */
export type Decided = Pick<PromoteInput, "by" | "reason" | "expected">;

/**
 * Makes a release the champion of its corpus, whatever its gate said. Throws UnknownRelease, PromotionConflict when
 * another champion serves than expected, CorruptArtifact.
 *
 * @example
 * await promote(client, "0b08c3a25fbe", { by: "dana", reason: "checked by hand" });
 */
export async function promote(client: Client, release: string, options: Decided = {}): Promise<ChampionResult> {
  return change(client, "promote", release, { ...decided(options), release });
}

/** Makes the champion before this one serve again, or the earlier champion `to`. Throws what `promote` throws. */
export async function rollback(client: Client, options: RollbackInput = {}): Promise<ChampionResult> {
  const { corpus, to } = options;
  return change(client, "rollback", corpus ?? "corpus", { ...decided(options), corpus, to });
}

function decided({ by, reason, expected }: Decided): Decided {
  return { by, reason, expected };
}

async function change(
  client: Client,
  type: "promote" | "rollback",
  about: string,
  input: PromoteInput | RollbackInput,
): Promise<ChampionResult> {
  const handle = await client.workflow.start(WORKFLOWS[type], {
    workflowId: `${type}-${about}-${randomUUID().slice(0, 8)}`,
    taskQueue: QUEUES.main,
    args: [input],
    staticSummary: `${type} ${about}${input.by ? ` by ${input.by}` : ""}`,
  });
  return resultOf(handle);
}
