import { type CompareOptions, compareTopic } from "../../client/compare.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { renderComparison } from "../renderComparison.ts";

/** `winnow compare`. */
export async function compareCommand(config: CliConfig, io: Io, topic: string, options: CompareOptions): Promise<void> {
  const compared = await io.busy("Comparing", () => compareTopic(config, topic, options));
  io.result(compared, () => renderComparison(compared));
}
