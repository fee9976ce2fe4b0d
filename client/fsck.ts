import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import { type FsckReport, fsck } from "../core/upkeep/fsck.ts";
import type { Places } from "./settings.ts";

/** A check of the state folder or of the bucket, whichever holds the state. */
export type Checked = FsckReport & ({ home: string } | { bucket: string });

/**
 * Verifies every digest and reference of the state; changes nothing and needs no Temporal. Throws StoreUnavailable.
 *
 * @example
 * const { clean, findings } = await verify(config);
 */
export async function verify({ home, artifacts }: Places): Promise<Checked> {
  if (!artifacts) return { home, ...(await fsck(home)) };
  const { fsckBucket } = await import("../core/upkeep/bucket.ts");
  return { bucket: bucketUrl(artifacts), ...(await fsckBucket(artifacts)) };
}
