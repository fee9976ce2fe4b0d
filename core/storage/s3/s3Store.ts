import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Writable } from "node:stream";
import type { ArtifactRef } from "../../../contracts/artifacts.ts";
import { sha256 } from "../../base/canonical.ts";
import { WinnowError } from "../../base/errors.ts";
import { evict, markUsed } from "../artifactCache.ts";
import { MANIFEST, type Manifest, parseManifest, readManifest } from "../manifest.ts";
import type { Records } from "../records.ts";
import { asStorageError, isOutage } from "../storage.ts";
import type { ArtifactStore } from "../store.ts";
import { bucketUrl, type S3Settings } from "./bucketUrl.ts";
import type { Bucket } from "./s3Bucket.ts";
import { corrupt, type ListedFile, textAt, transfer } from "./s3Transfer.ts";

/** Ledger and step records in a bucket; `create` is a conditional write. */
export function s3Records(bucket: Bucket, settings: S3Settings): Records {
  const read = (path: string) => textAt(bucket, path);
  return {
    read,
    async list(folder) {
      const start = `${folder}/`;
      const { objects, folders } = await bucket.list(start, true);
      return [...objects.map(({ key }) => key), ...folders]
        .map((key) => key.slice(start.length).replace("/", ""))
        .sort();
    },
    replace: async (path, text) => void (await bucket.put(path, text)),
    // After a lost reply, a retry finds its own text, which is not a conflict.
    create: async (path, text) => (await bucket.putNew(path, text)) || (await read(path)) === text,
    remove: async (path) => void (await bucket.remove(path)),
    place: (path) => bucketUrl(settings, path),
  };
}

/**
 * Artifacts in a bucket, in the layout of the local store, which is a read-through cache. An artifact exists once its
 * manifest does, which is written last. Every byte read is verified, from either place.
 */
export function s3Store(bucket: Bucket, local: ArtifactStore, home: string, settings: S3Settings): ArtifactStore {
  const root = join(home, "artifacts");
  const fetching = new Map<string, Promise<string>>();
  const listed = new Map<string, ArtifactRef>();
  const keep = async (folder: string) => {
    await evict(root, settings.cacheBytes, folder);
    return folder;
  };
  const fetchOnce = (ref: ArtifactRef) => {
    const pending = fetching.get(ref.sha256) ?? download(bucket, local, ref).then(keep);
    fetching.set(ref.sha256, pending);
    return pending.finally(() => fetching.delete(ref.sha256));
  };
  return {
    ...local,
    async commit(draft, stage) {
      const ref = await local.commit(draft, stage);
      await publish(bucket, await local.resolve(ref), keyOf(ref));
      await keep(join(root, stage, ref.sha256));
      return ref;
    },
    async resolve(ref) {
      const cached = await local.resolve(ref).catch((error) => {
        if (error instanceof WinnowError && error.code === "CorruptArtifact" && isOurs(ref)) return null;
        throw error;
      });
      if (cached === null) return fetchOnce(ref);
      await markUsed(cached);
      return cached;
    },
    verify: (ref) => verifyInBucket(bucket, ref),
    async list(stage) {
      const { folders } = await bucket.list(`artifacts/${stage}/`, true);
      const digests = folders.map((folder) => folder.split("/").at(-2)!);
      const refs = await Promise.all(digests.map((digest) => refOf(bucket, stage, digest, listed)));
      return refs.filter((ref) => ref !== null);
    },
    async sweep(ageMs, where = "everywhere") {
      const drafts = await local.sweep(ageMs);
      if (where === "here") return drafts;
      const before = new Date(Date.now() - ageMs);
      const uploads = await bucket.abortUploads("artifacts/", before);
      return drafts + uploads + (await sweepUnfinished(bucket, before));
    },
  };
}

/** Reads and verifies every byte of an artifact in a bucket. Throws CorruptArtifact. */
export async function verifyInBucket(bucket: Bucket, ref: ArtifactRef): Promise<void> {
  for (const file of (await manifestOf(bucket, ref)).files) await transfer(bucket, keyOf(ref), file, nowhere);
}

function keyOf(ref: ArtifactRef): string {
  return `artifacts/${ref.uri.replace(/^winnow:/, "")}`;
}

function isOurs(ref: ArtifactRef): boolean {
  return /^winnow:[a-z][a-z-]*\/[0-9a-f]{64}$/.test(ref.uri) && ref.uri.endsWith(`/${ref.sha256}`);
}

/**
 * Uploads the files in any order, and the manifest last, which makes them an artifact. If the manifest exists, its
 * files are read, and damaged ones are written again: a new digest would not repair them.
 */
async function publish(bucket: Bucket, folder: string, key: string): Promise<void> {
  const place = `${key}/${MANIFEST}`;
  const text = await readFile(join(folder, MANIFEST), "utf8");
  const there = await textAt(bucket, place);
  for (const file of (JSON.parse(text) as Manifest).files)
    if (there === null || !(await isSound(bucket, key, file)))
      await bucket.putFile(`${key}/${file.path}`, join(folder, ...file.path.split("/")));
  if (there === text || (there === null && (await bucket.putNew(place, text)))) return;
  // A writer of the same content was faster, or the manifest is damaged.
  if ((await textAt(bucket, place)) !== text) await bucket.put(place, text);
}

async function isSound(bucket: Bucket, key: string, file: ListedFile): Promise<boolean> {
  return transfer(bucket, key, file, nowhere).then(
    () => true,
    (error) => {
      if (isOutage(error)) throw error;
      return false;
    },
  );
}

async function manifestOf(bucket: Bucket, ref: ArtifactRef): Promise<Manifest> {
  if (!isOurs(ref)) throw corrupt(ref.uri, "is not a reference of this store");
  const file = `${keyOf(ref)}/${MANIFEST}`;
  const text = await textAt(bucket, file);
  if (text === null) throw corrupt(file, `is missing (artifact ${ref.sha256})`);
  if (sha256(text) !== ref.sha256) throw corrupt(file, `does not match its digest ${ref.sha256}`);
  return readManifest(file, text);
}

/** Downloads an artifact into the local store; nothing is kept unless every byte is right. */
async function download(bucket: Bucket, local: ArtifactStore, ref: ArtifactRef): Promise<string> {
  const key = keyOf(ref);
  const { files } = await manifestOf(bucket, ref);
  const [, stage = ""] = key.split("/");
  const draft = await local.draft(stage);
  try {
    for (const file of files) await downloadFile(bucket, key, file, draft);
    const got = await local.commit(draft, stage);
    if (got.sha256 !== ref.sha256) throw corrupt(key, `became ${got.sha256} instead of ${ref.sha256}`);
    return local.resolve(got);
  } catch (error) {
    await local.discard(draft);
    throw asStorageError(error);
  }
}

async function downloadFile(bucket: Bucket, key: string, file: ListedFile, draft: string): Promise<void> {
  const target = join(draft, ...file.path.split("/"));
  if (relative(draft, target).startsWith("..")) throw corrupt(`${key}/${file.path}`, "lies outside its artifact");
  await mkdir(dirname(target), { recursive: true });
  await transfer(bucket, key, file, () => createWriteStream(target));
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, next) => next() });
}

/** `known` caches earlier references: content behind a digest is immutable. */
async function refOf(
  bucket: Bucket,
  stage: string,
  digest: string,
  known: Map<string, ArtifactRef>,
): Promise<ArtifactRef | null> {
  const uri = `winnow:${stage}/${digest}`;
  const before = known.get(uri);
  if (before) return before;
  const text = await textAt(bucket, `artifacts/${stage}/${digest}/${MANIFEST}`);
  if (text === null || sha256(text) !== digest) return null;
  const manifest = parseManifest(text);
  if (manifest === null) return null;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, text.length);
  const ref = { uri, sha256: digest, bytes };
  known.set(uri, ref);
  return ref;
}

/** Removes files of writers that died before the manifest. */
async function sweepUnfinished(bucket: Bucket, before: Date): Promise<number> {
  const { objects } = await bucket.list("artifacts/");
  const folders = new Map<string, typeof objects>();
  for (const object of objects) {
    const folder = object.key.split("/").slice(0, 3).join("/");
    folders.set(folder, [...(folders.get(folder) ?? []), object]);
  }
  let removed = 0;
  for (const [folder, files] of folders) {
    const finished = files.some(({ key }) => key === `${folder}/${MANIFEST}`);
    if (finished || files.some(({ modified }) => modified >= before)) continue;
    for (const { key } of files) await bucket.remove(key);
    removed++;
  }
  return removed;
}
