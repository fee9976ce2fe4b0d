import { WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineProgress } from "../../contracts/pipeline.ts";
import { WinnowError } from "../../core/errors.ts";
import { collectGarbage, type GcReport } from "../../core/upkeep/gc.ts";
import type { CliConfig } from "../config.ts";
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
  const held = await heldByRuns(config);
  if (s3 && apply && held === null)
    throw new WinnowError(
      "BadInput",
      "Other machines may be running pipelines over this bucket: set TEMPORAL_ADDRESS (or a profile), so that what they hold stays.",
    );
  const asked = { keep, graceHours, apply, inUse: held ?? [], vectors };
  const report = s3
    ? await (await import("../../core/upkeep/bucket.ts")).collectBucketGarbage(s3, asked)
    : await collectGarbage(home, asked);
  const elsewhere = s3 ? `\nThe caches in ${home} and on other machines were not looked at.` : "";
  io.result(report, () => describe(report) + elsewhere);
}

/** Digests of what running pipelines have made or found so far; null where no server is known. */
async function heldByRuns(config: CliConfig): Promise<string[] | null> {
  const address = config.temporalAddress ?? (await findStack(config))?.address;
  if (!address) return null;
  const client = await connectClient(address, config);
  const held: string[] = [];
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query })) {
    const progress = await client.workflow.getHandle(workflowId).query<PipelineProgress>("progress");
    held.push(...progress.artifacts.map(({ sha256 }) => sha256));
  }
  await client.connection.close();
  return held;
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
