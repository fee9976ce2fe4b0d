import { WinnowError } from "../core/base/errors.ts";
import { collectGarbage, type GcReport } from "../core/upkeep/gc.ts";
import { type Held, heldByWorkflows } from "./held.ts";
import type { Computing, Places, StackSettings } from "./settings.ts";
import { serverAddress } from "./stack.ts";
import { connectClient } from "./temporal.ts";

export interface CollectOptions {
  /** Newest releases of each corpus that stay. */
  keep: number;
  /** Whatever was used within this many hours stays. */
  graceHours: number;
  /** Removes; otherwise the report says what would be removed. */
  apply?: boolean;
}

/** What was or would be removed, and the workflows that do not report what they need. */
export type Collected = GcReport & { silent: Held["silent"] };

/**
 * Finds what neither a release nor a running workflow needs, and removes it with `apply`. Throws BadInput when `apply`
 * cannot be safe: a workflow does not report what it needs, or the state is a bucket and no server is configured.
 *
 * @example
 * const { removals, bytes } = await collect(config, { keep: 5, graceHours: 48 });
 */
export async function collect(
  config: Places & Pick<Computing, "vectors"> & StackSettings,
  { keep, graceHours, apply = false }: CollectOptions,
): Promise<Collected> {
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
      `Nothing is removed: ${describeSilent(inUse.silent)}. Start workers that answer for it, or end it.`,
    );
  const asked = { keep, graceHours, apply, inUse: inUse?.digests ?? [], vectors };
  const report = s3
    ? await (await import("../core/upkeep/bucket.ts")).collectBucketGarbage(s3, asked)
    : await collectGarbage(home, asked);
  return { ...report, silent: inUse?.silent ?? [] };
}

/** What running workflows hold; null when no server is known. */
async function held(config: StackSettings): Promise<Held | null> {
  const address = await serverAddress(config);
  if (!address) return null;
  const client = await connectClient(address, config);
  try {
    return await heldByWorkflows(client);
  } finally {
    await client.connection.close();
  }
}

/** The workflows that do not report what they need, in words. */
export function describeSilent(silent: Held["silent"]): string {
  return silent.map(({ workflowId, why }) => `${workflowId} does not tell what it holds (${why})`).join("; ");
}
