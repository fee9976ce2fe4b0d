import { collect } from "../../client/gc.ts";
import { describeSilent } from "../../client/held.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { WinnowError } from "../../core/base/errors.ts";
import type { GcReport } from "../../core/upkeep/gc.ts";
import type { Io } from "../io.ts";

export interface GcCommandOptions {
  keep: number;
  /** Hours. */
  grace: number;
  /** Days. */
  records: number;
  apply?: boolean;
  dryRun?: boolean;
}

/** `winnow gc`. */
export async function gcCommand(
  config: CliConfig,
  io: Io,
  { keep, grace, records, apply, dryRun }: GcCommandOptions,
): Promise<void> {
  if (apply && dryRun) throw new WinnowError("BadInput", "--apply and --dry-run contradict each other");
  const collected = await collect(config, { keep, graceHours: grace, recordDays: records, apply });
  const elsewhere = config.artifacts ? `\nThe caches in ${config.home} and on other machines were not examined.` : "";
  const unknown = collected.silent.length
    ? `\n${describeSilent(collected.silent)}: some of this may be in use, and --apply would refuse.`
    : "";
  const skipped = collected.unavailable.map((why) => `\nCollections of an unavailable server stay: ${why}`).join("");
  io.result(collected, () => describe(collected) + skipped + elsewhere + unknown);
}

function describe({ removals, retired, bytes, applied }: GcReport): string {
  if (removals.length === 0) return "Nothing to remove.";
  const lines = removals.map((removal) => `${megabytes(removal.bytes).padStart(10)}  ${removal.what}  ${removal.path}`);
  const kept = retired.length > 0 ? [`Releases that can be read but no longer serve: ${retired.join(", ")}`] : [];
  const total = `${removals.length} things, ${megabytes(bytes)}`;
  return [...lines, ...kept, applied ? `Removed ${total}.` : `Would remove ${total}; \`winnow gc --apply\` does.`].join(
    "\n",
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
