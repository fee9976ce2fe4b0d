import { WinnowError } from "../../core/base/errors.ts";
import { collectGarbage, type GcReport } from "../../core/upkeep/gc.ts";
import type { CliConfig } from "../config.ts";
import { type Held, heldByWorkflows } from "../held.ts";
import type { Io } from "../io.ts";
import { findStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

interface GcCommandOptions {
  keep: number;
  grace: number;
  apply?: boolean;
  dryRun?: boolean;
}

/** Tells what nothing needs any more, and with `--apply` removes it. */
export async function gcCommand(config: CliConfig, io: Io, options: GcCommandOptions): Promise<void> {
  if (options.apply && options.dryRun) throw new WinnowError("BadInput", "--apply and --dry-run contradict each other");
  const { keep, grace: graceHours, apply = false } = options;
  const { artifacts: s3, home, vectors } = config;
  const inUse = await held(config);
  if (s3 && apply && inUse === null)
    throw new WinnowError(
      "BadInput",
      "Other machines may be running pipelines over this bucket: set TEMPORAL_ADDRESS (or a profile), so that what they hold stays.",
    );
  if (apply && inUse && inUse.silent.length > 0)
    throw new WinnowError(
      "BadInput",
      `Nothing is removed: ${silence(inUse)}. Start workers that answer for it, or end it.`,
    );
  const asked = { keep, graceHours, apply, inUse: inUse?.digests ?? [], vectors };
  const report = s3
    ? await (await import("../../core/upkeep/bucket.ts")).collectBucketGarbage(s3, asked)
    : await collectGarbage(home, asked);
  const elsewhere = s3 ? `\nThe caches in ${home} and on other machines were not looked at.` : "";
  const unknown = inUse?.silent.length
    ? `\n${silence(inUse)}: some of this may be in use, and --apply would refuse.`
    : "";
  io.result({ ...report, silent: inUse?.silent ?? [] }, () => describe(report) + elsewhere + unknown);
}

/** What running workflows hold; null where no server is known. */
async function held(config: CliConfig): Promise<Held | null> {
  const address = config.temporalAddress ?? (await findStack(config))?.address;
  if (!address) return null;
  const client = await connectClient(address, config);
  try {
    return await heldByWorkflows(client);
  } finally {
    await client.connection.close();
  }
}

function silence({ silent }: Held): string {
  return silent.map(({ workflowId, why }) => `${workflowId} does not tell what it holds (${why})`).join("; ");
}

function describe({ removals, retired, bytes, applied }: GcReport): string {
  if (removals.length === 0) return "Nothing to remove.";
  const lines = removals.map((removal) => `${megabytes(removal.bytes).padStart(10)}  ${removal.what}  ${removal.path}`);
  const kept = retired.length > 0 ? [`Releases that can be read, but serve no more: ${retired.join(", ")}`] : [];
  const total = `${removals.length} things, ${megabytes(bytes)}`;
  return [...lines, ...kept, applied ? `Removed ${total}.` : `Would remove ${total}; \`winnow gc --apply\` does.`].join(
    "\n",
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
