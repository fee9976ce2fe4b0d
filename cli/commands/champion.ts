import { userInfo } from "node:os";
import type { Client } from "@temporalio/client";
import { type Decided, promote, rollback } from "../../client/champion.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { ChampionResult, RollbackInput } from "../../contracts/release.ts";
import { unlessAborted } from "../../core/base/unlessAborted.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";

/** `winnow releases promote`. */
export async function promoteCommand(config: CliConfig, io: Io, release: string, options: Decided): Promise<void> {
  await change(config, io, (client) => promote(client, release, byUser(options)));
}

/** `winnow releases rollback`. */
export async function rollbackCommand(config: CliConfig, io: Io, options: RollbackInput): Promise<void> {
  await change(config, io, (client) => rollback(client, byUser(options)));
}

/** Without a name, the ledger records the user of this machine. */
function byUser<T extends Decided>(options: T): T {
  return { ...options, by: options.by ?? userInfo().username };
}

async function change(config: CliConfig, io: Io, work: (client: Client) => Promise<ChampionResult>): Promise<void> {
  const began = Date.now();
  await onStack(config, io, async (client, { stop }) => {
    const result = await unlessAborted(work(client), stop);
    io.result(result, () => `${describe(result)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  });
}

function describe({ corpus, release, replaced, changed, kind }: ChampionResult): string {
  if (!changed) return `Release ${release} is already the champion of ${corpus}.`;
  return `Release ${release} serves ${corpus} now${replaced ? `, instead of ${replaced}` : ""} (${kind}).`;
}
