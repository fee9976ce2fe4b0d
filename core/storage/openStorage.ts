import { folderRecords, type Records, readOnce } from "./records.ts";
import { openReleases, type Releases } from "./releases.ts";
import type { S3Settings } from "./s3/bucketUrl.ts";
import { openStepCache, type StepCache } from "./stepCache.ts";
import type { Failpoint } from "./storage.ts";
import { type ArtifactStore, openStore } from "./store.ts";

/** Everything that outlives a run: artifacts, releases with their ledger, and results of stages. */
export interface Storage {
  store: ArtifactStore;
  releases: Releases;
  steps: StepCache;
  /** Small texts, such as records of answers and votes. */
  records: Records;
}

/**
 * Opens the storage of a home folder. With `s3` the storage is a bucket shared by machines, and the folder its
 * read-through cache.
 */
export async function openStorage(
  home: string,
  s3: S3Settings | null,
  failpoint: Failpoint = () => {},
): Promise<Storage> {
  const local = openStore(home, failpoint);
  const { store, records } = s3 ? await remote(home, local, s3) : { store: local, records: folderRecords(home) };
  // Every question reads the ledger. In a bucket each read costs a request, and entries are never rewritten.
  const ledger = s3 ? readOnce(records) : records;
  const steps = openStepCache(records, failpoint);
  return { store, releases: openReleases(ledger, store, failpoint), steps, records };
}

/** Imported on use: the client is large, and most homes do not need it. */
async function remote(
  home: string,
  local: ArtifactStore,
  s3: S3Settings,
): Promise<{ store: ArtifactStore; records: Records }> {
  const { openBucket } = await import("./s3/s3Bucket.ts");
  const { s3Records, s3Store } = await import("./s3/s3Store.ts");
  const bucket = openBucket(s3);
  return { store: s3Store(bucket, local, home, s3), records: s3Records(bucket, s3) };
}
