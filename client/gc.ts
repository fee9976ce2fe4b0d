import { WinnowError } from "../core/base/errors.ts";
import { collectGarbage, type GcReport } from "../core/upkeep/gc.ts";
import { describeSilent, type Held, heldByWorkflows } from "./held.ts";
import { withServerIfAny } from "./server.ts";
import type { Computing, Places, StackSettings } from "./settings.ts";

/** Days for which records of answers and votes are kept, unless the caller says otherwise. */
export const RECORD_DAYS = 90;

export interface CollectOptions {
  /** Number of newest releases of each corpus to keep. */
  keep: number;
  /** Artifacts used within this many hours stay. */
  graceHours: number;
  /** Records of answers and votes younger than this many days stay, and so do accepted votes; default 90. */
  recordDays?: number;
  /** Removes; otherwise the report lists what would be removed. */
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
  { keep, graceHours, recordDays = RECORD_DAYS, apply = false }: CollectOptions,
): Promise<Collected> {
  const { artifacts: s3, home, vectors, payloadKeys } = config;
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
  const records = { days: recordDays, keys: payloadKeys };
  const asked = { keep, graceHours, apply, inUse: inUse?.digests ?? [], vectors, records };
  const report = s3
    ? await (await import("../core/upkeep/bucket.ts")).collectBucketGarbage(s3, asked)
    : await collectGarbage(home, asked);
  return { ...report, silent: inUse?.silent ?? [] };
}

/** Artifacts that running workflows hold; null if no server is known. */
function held(config: StackSettings): Promise<Held | null> {
  return withServerIfAny(config, async (client) => client && heldByWorkflows(client));
}
