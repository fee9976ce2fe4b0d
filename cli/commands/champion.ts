import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { ChampionResult, PromoteInput, RollbackInput } from "../../contracts/release.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { useStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

type Decided = Pick<PromoteInput, "by" | "reason" | "expected">;

/** Makes a release the champion, by the workflow `promote`. */
export async function promoteCommand(config: CliConfig, io: Io, release: string, options: Decided): Promise<void> {
  await change(config, io, "promote", { ...decided(options), release });
}

/** Takes the champion back, by the workflow `rollback`. */
export async function rollbackCommand(
  config: CliConfig,
  io: Io,
  { corpus, to, ...options }: Omit<RollbackInput, "by"> & Decided,
): Promise<void> {
  await change(config, io, "rollback", { ...decided(options), corpus, to });
}

function decided({ by = userInfo().username, reason, expected }: Decided): Decided {
  return { by, reason, expected };
}

async function change(
  config: CliConfig,
  io: Io,
  type: "promote" | "rollback",
  input: PromoteInput | RollbackInput,
): Promise<void> {
  const began = Date.now();
  const stack = await useStack(config, io.log);
  try {
    const client = await connectClient(stack.info.address, config);
    const about = "release" in input ? input.release : (input.corpus ?? "corpus");
    const result: ChampionResult = await client.workflow.execute(WORKFLOWS[type], {
      workflowId: `${type}-${about}-${randomUUID().slice(0, 8)}`,
      taskQueue: QUEUES.main,
      args: [input],
      staticSummary: `${type} ${about} by ${input.by}`,
    });
    await client.connection.close();
    io.result(result, () => `${describe(result)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } finally {
    await stack.stop();
  }
}

function describe({ corpus, release, replaced, changed, kind }: ChampionResult): string {
  if (!changed) return `Release ${release} is the champion of ${corpus} already.`;
  return `Release ${release} serves ${corpus} now${replaced ? `, instead of ${replaced}` : ""} (${kind}).`;
}
