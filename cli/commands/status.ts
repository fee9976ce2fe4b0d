import { status } from "../../client/status.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { renderStatus } from "../renderStatus.ts";

/** `winnow status`. */
export async function statusCommand(config: CliConfig, io: Io): Promise<void> {
  const now = await status(config);
  io.result(now, () => renderStatus(now));
}
