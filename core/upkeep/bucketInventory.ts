import { groupBy } from "../base/groupBy.ts";
import { inBatches } from "../base/inBatches.ts";
import { INSTALLED } from "../models/installed.ts";
import type { Promotion } from "../storage/champions.ts";
import { RETIRED, releaseId } from "../storage/releases.ts";
import type { Bucket, StoredObject } from "../storage/s3/s3Bucket.ts";
import { textAt } from "../storage/s3/s3Transfer.ts";
import type { StepRecord } from "../storage/stepCache.ts";
import { type Inventory, isRecord, parsedRecord, type StoredRecord, storedModel } from "./inventory.ts";

/** Content of a bucket; paths are keys below its prefix. */
export interface BucketInventory extends Inventory {
  /** All objects by the folder of their artifact. */
  objects: Map<string, StoredObject[]>;
  /** Time of the last write of each of the `leftovers`, in milliseconds. */
  leftAt: Map<string, number>;
}

/**
 * Reads names and records of a bucket, as `readInventory` does of a state folder. Caches and checkpoints belong to each
 * machine and are not included. A bucket does not record the last use of an artifact, so its time of publication is
 * used. Throws StoreUnavailable, StorageFailed.
 */
export async function readBucketInventory(bucket: Bucket): Promise<BucketInventory> {
  const { objects } = await bucket.list("artifacts/");
  const folders = groupBy(objects, ({ key }) => key.split("/").slice(0, 3).join("/"));
  const isPublished = ([folder, files]: [string, StoredObject[]]) =>
    files.some(({ key }) => key === `${folder}/manifest.json`);
  const artifacts = [...folders].filter(isPublished).map(([folder, files]) => ({
    key: folder.slice("artifacts/".length),
    folder,
    usedAt: lastOf(files),
  }));
  const unfinished = [...folders].filter((entry) => !isPublished(entry));
  const leftAt = new Map(unfinished.map(([folder, files]) => [folder, lastOf(files)]));
  const retired = new Set((await bucket.list(`${RETIRED}/`)).objects.map(({ key }) => key.split("/").at(-1)!));
  const deployed = artifacts.filter(({ key }) => key.startsWith("deploy/"));
  const manifests = await records(
    bucket,
    deployed.map(({ folder }) => `${folder}/release.json`),
  );
  const promotions = await records<Promotion>(bucket, await keysBelow(bucket, "champions/"));
  const steps = await records<StepRecord<unknown>>(bucket, await keysBelow(bucket, "steps/"));
  const models = await inBatches(await keysBelow(bucket, `${INSTALLED}/`), async (key) =>
    storedModel(key, (await textAt(bucket, key)) ?? ""),
  );
  return {
    artifacts,
    models,
    releases: deployed.map(({ key }, i) => {
      const id = releaseId({ uri: "", sha256: key.slice("deploy/".length), bytes: 0 });
      return { id, key, retired: retired.has(id), ...(manifests[i] as StoredRecord<never>) };
    }),
    ledger: groupBy(promotions, ({ file }) => file.split("/")[1]!),
    steps: steps.map((step) => ({ latest: step.file.split("/").at(-2) === "latest", ...step })),
    ...{ segments: [], scores: [], pages: [], checkpoints: [], replies: [] },
    leftovers: [...leftAt.keys()],
    objects: folders,
    leftAt,
  };
}

async function keysBelow(bucket: Bucket, start: string): Promise<string[]> {
  return (await bucket.list(start)).objects.map(({ key }) => key).filter(isRecord);
}

function records<T>(bucket: Bucket, keys: string[]): Promise<StoredRecord<T>[]> {
  return inBatches(keys, async (key) => parsedRecord<T>(key, (await textAt(bucket, key)) ?? ""));
}

function lastOf(files: StoredObject[]): number {
  return Math.max(...files.map(({ modified }) => modified.getTime()));
}
