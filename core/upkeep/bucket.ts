import type { PayloadKeys } from "../base/payloadKeys.ts";
import { RETIRED } from "../storage/releases.ts";
import type { S3Settings } from "../storage/s3/bucketUrl.ts";
import { bucketUrl } from "../storage/s3/bucketUrl.ts";
import { type Bucket, openBucket } from "../storage/s3/s3Bucket.ts";
import { s3Records, verifyInBucket } from "../storage/s3/s3Store.ts";
import { type BucketInventory, readBucketInventory } from "./bucketInventory.ts";
import { check, refOf } from "./fsck.ts";
import { type FsckReport, withRecords } from "./fsckReport.ts";
import { type GcOptions, type GcReport, planOf, type Removal, removalsOf } from "./gc.ts";
import { type OldRecord, oldRecords, stillOld } from "./keptRecords.ts";

/** Checks a bucket as `fsck` checks a folder: reads every byte of its artifacts. Throws StoreUnavailable. */
export async function fsckBucket(s3: S3Settings, keys: PayloadKeys | null = null): Promise<FsckReport> {
  const bucket = openBucket(s3);
  try {
    const inventory = await readBucketInventory(bucket);
    const report = await check("artifacts", inventory, ({ key }) => verifyInBucket(bucket, refOf(key)), true);
    const findings = report.findings.map((finding) => ({ ...finding, path: bucketUrl(s3, finding.path) }));
    return withRecords({ ...report, findings }, s3Records(bucket, s3), keys);
  } finally {
    bucket.close();
  }
}

/**
 * Collects garbage in a bucket shared by machines, as `collectGarbage` does in a folder. Artifacts published within the
 * grace time stay, because a bucket does not record the last read. Throws StoreUnavailable.
 */
export async function collectBucketGarbage(s3: S3Settings, options: GcOptions): Promise<GcReport> {
  const bucket = openBucket(s3);
  try {
    const inventory = await readBucketInventory(bucket);
    const plan = planOf(inventory, options);
    const old = Date.now() - 3 * options.graceHours * 3600_000;
    const leftovers = inventory.leftovers.filter((folder) => inventory.leftAt.get(folder)! < old);
    const readOld = async () => (options.records ? oldRecords(s3Records(bucket, s3), options.records) : []);
    const records = await readOld();
    await addObjects(bucket, inventory, records);
    const found: Removal[] = [
      ...removalsOf(plan),
      ...leftovers.map((path) => ({ path, what: "leftover" as const })),
      ...records,
    ].map((removal) => ({ ...removal, bytes: bytesOf(inventory, removal.path) }));
    const removals = options.apply ? await stillOld(found, readOld) : found;
    if (options.apply) await apply(bucket, inventory, removals, plan.retired);
    const named = removals.map((removal) => ({ ...removal, path: bucketUrl(s3, removal.path) }));
    const bytes = removals.reduce((sum, removal) => sum + removal.bytes, 0);
    return { applied: options.apply, removals: named, retired: plan.retired, bytes, unavailable: [] };
  } finally {
    bucket.close();
  }
}

/** Adds the objects of old records to the inventory, by the path of the removal. */
async function addObjects(bucket: Bucket, { objects }: BucketInventory, old: readonly OldRecord[]): Promise<void> {
  for (const { path, what } of old)
    objects.set(path, (await bucket.list(what === "answers" ? `${path}/` : path)).objects);
}

/**
 * Writes the marks, then removes the records, then the artifacts they name. An artifact loses its manifest first and
 * thereby ceases to exist.
 */
async function apply(
  bucket: Bucket,
  inventory: BucketInventory,
  removals: Removal[],
  retired: string[],
): Promise<void> {
  for (const id of retired) await bucket.putNew(`${RETIRED}/${id}`, `${new Date().toISOString()}\n`);
  for (const { path, what } of removals) {
    if (what === "record") await bucket.remove(path);
    const files = (inventory.objects.get(path) ?? []).map(({ key }) => key);
    const isManifest = (key: string) => key === `${path}/manifest.json`;
    for (const key of files.sort((a, b) => Number(isManifest(b)) - Number(isManifest(a)))) await bucket.remove(key);
  }
}

function bytesOf({ objects }: BucketInventory, folder: string): number {
  return (objects.get(folder) ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
}
