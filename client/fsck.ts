import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import { fsck } from "../core/upkeep/fsck.ts";
import type { FsckReport } from "../core/upkeep/fsckReport.ts";
import type { Access, Places } from "./settings.ts";

/** Places to check, and the keys that records are encrypted with. */
export type CheckedPlaces = Places & Partial<Pick<Access, "payloadKeys">>;

/** A check of the state folder or of the bucket, whichever holds the state. */
export type Checked = FsckReport & ({ home: string } | { bucket: string });

/**
 * Verifies every digest and reference of the state; changes nothing and needs no Temporal. Throws StoreUnavailable.
 *
 * @example
 * const { clean, findings } = await verify(config);
 */
export async function verify({ home, artifacts, payloadKeys = null }: CheckedPlaces): Promise<Checked> {
  if (!artifacts) return { home, ...(await fsck(home, payloadKeys)) };
  const { fsckBucket } = await import("../core/upkeep/bucket.ts");
  return { bucket: bucketUrl(artifacts), ...(await fsckBucket(artifacts, payloadKeys)) };
}
