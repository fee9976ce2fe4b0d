import { existsSync } from "node:fs";
import { join } from "node:path";
import { endRun, followRun, listRuns } from "../../client/runs.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { unlessAborted } from "../../core/base/unlessAborted.ts";
import type { Io } from "../io.ts";
import { onStack } from "../onStack.ts";
import { renderRun } from "../renderRun.ts";
import { renderRuns } from "../renderRuns.ts";
import { watched } from "./run.ts";

/** `winnow runs`. Without a running server, the embedded one is started alone, so that no run goes on meanwhile. */
export async function runsCommand(config: CliConfig, io: Io): Promise<void> {
  const list = () =>
    onStack(config, io, (client, { stop }) => unlessAborted(listRuns(client), stop), { serverOnly: true });
  // Without a database there was no run yet.
  const runs = config.temporalAddress || existsSync(join(config.home, "run", "temporal.db")) ? await list() : [];
  io.result({ runs }, (columns) => renderRuns(runs, columns));
}

/** `winnow runs follow`. */
export async function followCommand(config: CliConfig, io: Io, id: string): Promise<void> {
  await onStack(config, io, async (client, { stop }) => {
    const result = await watched(
      io,
      () => "leave",
      (onProgress) => followRun(client, id, { signal: stop, onAbort: "leave", onProgress }),
    );
    io.result(result, (columns) => renderRun(result, config, { columns }));
  });
}

/** `winnow runs cancel` and `terminate`. */
export async function endCommand(config: CliConfig, io: Io, how: "cancel" | "terminate", id: string): Promise<void> {
  const control = { serverOnly: how === "terminate" };
  await onStack(
    config,
    io,
    async (client, { stop }) => {
      const reason = "by `winnow runs terminate`";
      const status = await endRun(client, id, { how, reason, signal: stop });
      io.result({ workflowId: id, status }, () => `Run ${id} is ${status === "completed" ? "complete" : status}.`);
    },
    control,
  );
}
