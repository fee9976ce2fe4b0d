import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Settings } from "./bucketUrl.ts";
import { bucketUrl } from "./bucketUrl.ts";
import { s3Error, statusOf } from "./s3Errors.ts";

export interface StoredObject {
  key: string;
  bytes: number;
  modified: Date;
}

/** A bucket below its prefix. Every method throws StoreUnavailable or StorageFailed. */
export type Bucket = ReturnType<typeof openBucket>;

const PART_BYTES = 16 * 2 ** 20;
/** Maximum number of parts in an upload. */
const MOST_PARTS = 10_000;
const SILENT_MS = 30_000;
/** Attempts of a conditional write that conflicts with another one. */
const CONFLICTS = 5;

export function openBucket(settings: S3Settings) {
  const { bucket, prefix, endpoint, region, partBytes = PART_BYTES, silentMs = SILENT_MS } = settings;
  const client = new S3Client({
    region,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    // Redirects are not followed: requests go only to the address that the operator configured.
    followRegionRedirects: false,
    retryMode: "standard",
    maxAttempts: 5,
    // Bytes are checked by SHA-256 here; not every compatible server supports the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 5000, socketTimeout: silentMs },
  });
  const at = (key: string) => ({ Bucket: bucket, Key: prefix ? `${prefix}/${key}` : key });
  const guard = <T>(key: string, work: Promise<T>) =>
    work.catch((error) => {
      throw s3Error(error, bucketUrl(settings, key));
    });
  const relative = (key: string) => (prefix ? key.slice(prefix.length + 1) : key);

  return {
    /** The object's bytes; null if it does not exist. */
    async get(key: string): Promise<Readable | null> {
      try {
        return (await client.send(new GetObjectCommand(at(key)))).Body as Readable;
      } catch (error) {
        if (statusOf(error) === 404 && (error as Error).name === "NoSuchKey") return null;
        throw s3Error(error, bucketUrl(settings, key));
      }
    },
    async exists(key: string): Promise<boolean> {
      try {
        await client.send(new HeadObjectCommand(at(key)));
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw s3Error(error, bucketUrl(settings, key));
      }
    },
    put: (key: string, Body: string) => guard(key, client.send(new PutObjectCommand({ ...at(key), Body }))),
    /** Writes only if the object does not exist; returns false if it does. */
    async putNew(key: string, Body: string): Promise<boolean> {
      for (let tried = 1; ; tried++)
        try {
          await client.send(new PutObjectCommand({ ...at(key), Body, IfNoneMatch: "*" }));
          return true;
        } catch (error) {
          if (statusOf(error) === 412) return false;
          // A concurrent write of this key may yet fail, so a conflict does not prove that the object exists.
          if (statusOf(error) !== 409 || tried === CONFLICTS) throw s3Error(error, bucketUrl(settings, key));
          await pause(50 * 2 ** tried * (1 + Math.random()));
        }
    },
    putFile: (key: string, file: string) => guard(key, upload(client, at(key), file, partBytes)),
    remove: (key: string) => guard(key, client.send(new DeleteObjectCommand(at(key)))),
    /** Objects below a key prefix; with `shallow`, the folders directly below it instead of their content. */
    list: (start: string, shallow = false) => guard(start, listAll(client, at(start), relative, shallow)),
    /** Aborts uploads of dead writers, which began before `before`. Returns their number. */
    abortUploads: (start: string, before: Date) => guard(start, abortStale(client, at(start), before)),
    close: () => client.destroy(),
  };
}

interface Place {
  Bucket: string;
  Key: string;
}

/** Bytes per part: as requested, or more if that would exceed the maximum number of parts. */
export function partSize(size: number, asked: number): number {
  return Math.max(asked, Math.ceil(size / MOST_PARTS));
}

async function upload(client: S3Client, place: Place, file: string, partBytes: number): Promise<void> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const bytesOfPart = partSize(size, partBytes);
    const part = async (start: number) => {
      const bytes = Buffer.alloc(Math.min(bytesOfPart, size - start));
      await handle.read(bytes, 0, bytes.length, start);
      return bytes;
    };
    if (size <= bytesOfPart) await client.send(new PutObjectCommand({ ...place, Body: await part(0) }));
    else await uploadParts(client, place, size, bytesOfPart, part);
  } finally {
    await handle.close();
  }
}

async function uploadParts(
  client: S3Client,
  place: Place,
  size: number,
  partBytes: number,
  part: (start: number) => Promise<Buffer>,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
  try {
    const Parts: { PartNumber: number; ETag?: string }[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const PartNumber = Parts.length + 1;
      const sent = new UploadPartCommand({ ...place, UploadId, PartNumber, Body: await part(start) });
      Parts.push({ PartNumber, ETag: (await client.send(sent)).ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    // Parts of an unfinished upload are billed but not visible.
    await client.send(new AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => {});
    throw error;
  }
}

async function listAll(
  client: S3Client,
  { Bucket, Key: Prefix }: Place,
  relative: (key: string) => string,
  shallow: boolean,
): Promise<{ objects: StoredObject[]; folders: string[] }> {
  const objects: StoredObject[] = [];
  const folders: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const Delimiter = shallow ? "/" : undefined;
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter, ContinuationToken }));
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? [])
      objects.push({ key: relative(Key), bytes: Size, modified: LastModified ?? new Date(0) });
    for (const { Prefix: folder = "" } of page.CommonPrefixes ?? []) folders.push(relative(folder));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return { objects, folders };
}

async function abortStale(client: S3Client, { Bucket, Key: Prefix }: Place, before: Date): Promise<number> {
  const stale: { Key?: string; UploadId?: string }[] = [];
  let KeyMarker: string | undefined;
  do {
    // By key alone: not every server accepts its own upload marker. Of two uploads of one key, one may stay until the
    // next sweep.
    const asked = new ListMultipartUploadsCommand({ Bucket, Prefix, KeyMarker });
    const page: ListMultipartUploadsCommandOutput = await client.send(asked);
    for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
      if (Initiated && Initiated < before) stale.push({ Key, UploadId });
    KeyMarker = page.IsTruncated ? page.NextKeyMarker : undefined;
  } while (KeyMarker);
  for (const { Key, UploadId } of stale) await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  return stale.length;
}
