import { randomUUID } from "node:crypto";
import type { Client } from "@temporalio/client";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import type { ChampionResult, PromoteInput, RollbackInput } from "../contracts/release.ts";
import { resultOf } from "./outcome.ts";

/** Who decides and why, for the ledger. With `expected`, the change applies only if this release is the champion. */
export type Decided = Pick<PromoteInput, "by" | "reason" | "expected">;

/** A change of champion that a person asks for. */
export interface ChangeOptions extends Decided {
  /** Time for the whole workflow, in milliseconds: without a worker it ends then and changes nothing. Default: none. */
  withinMs?: number;
}

/**
 * Makes a release the champion of its corpus, whatever its gate said. Throws UnknownRelease, PromotionConflict when
 * another champion serves than expected, CorruptArtifact.
 *
 * @example
 * await promote(client, "0b08c3a25fbe", { by: "dana", reason: "checked by hand" });
 */
export async function promote(client: Client, release: string, options: ChangeOptions = {}): Promise<ChampionResult> {
  return change(client, "promote", release, { ...decided(options), release }, options);
}

/** Makes the champion before this one serve again, or the earlier champion `to`. Throws what `promote` throws. */
export async function rollback(client: Client, options: RollbackInput & ChangeOptions = {}): Promise<ChampionResult> {
  const { corpus, to } = options;
  return change(client, "rollback", corpus ?? "corpus", { ...decided(options), corpus, to }, options);
}

function decided({ by, reason, expected }: Decided): Decided {
  return { by, reason, expected };
}

async function change(
  client: Client,
  type: "promote" | "rollback",
  about: string,
  input: PromoteInput | RollbackInput,
  { withinMs }: ChangeOptions,
): Promise<ChampionResult> {
  const handle = await client.workflow.start(WORKFLOWS[type], {
    workflowId: `${type}-${about}-${randomUUID().slice(0, 8)}`,
    taskQueue: QUEUES.main,
    args: [input],
    workflowExecutionTimeout: withinMs,
    staticSummary: `${type} ${about}${input.by ? ` by ${input.by}` : ""}`,
  });
  return resultOf(handle);
}
