import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { messageOf, WinnowError } from "../errors.ts";
import { evict } from "./artifactCache.ts";
import { sha256 } from "./canonical.ts";
import type { Records } from "./records.ts";
import type { Bucket, S3Settings } from "./s3Bucket.ts";
import { asStorageError } from "./storage.ts";
import type { ArtifactStore } from "./store.ts";

const MANIFEST = "manifest.json";
const DOWNLOADS = 3;

interface Manifest {
  files: { path: string; bytes: number; sha256: string }[];
}

/** Ledger and step records in a bucket; `create` is a conditional write. */
export function s3Records(bucket: Bucket): Records {
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
    // A retry after a lost answer meets its own text: that is no other writer.
    create: async (path, text) => (await bucket.putNew(path, text)) || (await read(path)) === text,
  };
}

/**
 * Artifacts in a bucket, in the layout of the local store, which serves as a read-through cache. An artifact is there
 * once its manifest is, which is written last. Every byte read is checked, from wherever it comes.
 */
export function s3Store(bucket: Bucket, local: ArtifactStore, home: string, settings: S3Settings): ArtifactStore {
  const root = join(home, "artifacts");
  const fetching = new Map<string, Promise<string>>();
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
      return cached === null ? fetchOnce(ref) : keep(cached);
    },
    verify: (ref) => verifyInBucket(bucket, ref),
    async list(stage) {
      const { folders } = await bucket.list(`artifacts/${stage}/`, true);
      const refs = await Promise.all(folders.map((folder) => refOf(bucket, stage, folder.split("/").at(-2)!)));
      return refs.filter((ref) => ref !== null);
    },
    async sweep(ageMs) {
      const before = new Date(Date.now() - ageMs);
      const uploads = await bucket.abortUploads("artifacts/", before);
      return (await local.sweep(ageMs)) + uploads + (await sweepUnfinished(bucket, before));
    },
  };
}

/** Reads every byte of an artifact in a bucket. Throws CorruptArtifact. */
export async function verifyInBucket(bucket: Bucket, ref: ArtifactRef): Promise<void> {
  for (const file of (await manifestOf(bucket, ref)).files) await transfer(bucket, keyOf(ref), file, nowhere);
}

function keyOf(ref: ArtifactRef): string {
  return `artifacts/${ref.uri.replace(/^winnow:/, "")}`;
}

function isOurs(ref: ArtifactRef): boolean {
  return /^winnow:[a-z][a-z-]*\/[0-9a-f]{64}$/.test(ref.uri) && ref.uri.endsWith(`/${ref.sha256}`);
}

/** Files first, in any order; the manifest, which makes them an artifact, last. */
async function publish(bucket: Bucket, folder: string, key: string): Promise<void> {
  if (await bucket.exists(`${key}/${MANIFEST}`)) return;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = relative(folder, file).split(sep).join("/");
    if (entry.isFile() && path !== MANIFEST) await bucket.putFile(`${key}/${path}`, file);
  }
  await bucket.putNew(`${key}/${MANIFEST}`, await readFile(join(folder, MANIFEST), "utf8"));
}

async function manifestOf(bucket: Bucket, ref: ArtifactRef): Promise<Manifest> {
  if (!isOurs(ref)) throw corrupt(ref.uri, "is no reference of this store");
  const file = `${keyOf(ref)}/${MANIFEST}`;
  const text = await textAt(bucket, file);
  if (text === null) throw corrupt(file, `is missing (artifact ${ref.sha256})`);
  if (sha256(text) !== ref.sha256) throw corrupt(file, `does not match its digest ${ref.sha256}`);
  return JSON.parse(text);
}

/** An artifact from the bucket into the local store; nothing of it is kept unless all of it is right. */
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

async function downloadFile(
  bucket: Bucket,
  key: string,
  file: Manifest["files"][number],
  draft: string,
): Promise<void> {
  const target = join(draft, ...file.path.split("/"));
  if (relative(draft, target).startsWith("..")) throw corrupt(`${key}/${file.path}`, "lies outside its artifact");
  await mkdir(dirname(target), { recursive: true });
  await transfer(bucket, key, file, () => createWriteStream(target));
}

/** Reads a file to its end. A cut or altered transfer is tried again; what stays wrong is refused by name and digest. */
async function transfer(
  bucket: Bucket,
  key: string,
  file: Manifest["files"][number],
  sink: () => Writable,
): Promise<void> {
  let problem = "";
  for (let attempt = 0; attempt < DOWNLOADS; attempt++) {
    const body = await bucket.get(`${key}/${file.path}`);
    if (body === null) throw corrupt(`${key}/${file.path}`, `is missing (SHA-256 ${file.sha256})`);
    const hash = createHash("sha256");
    const tee = new Transform({
      transform(chunk, _, next) {
        hash.update(chunk);
        next(null, chunk);
      },
    });
    const failure = await pipeline(body, tee, sink()).then(
      () => null,
      (error) => error,
    );
    if (isLocal(failure)) throw asStorageError(failure);
    if (!failure && hash.digest("hex") === file.sha256) return;
    problem = failure ? `broke off (${messageOf(failure)})` : "has other bytes";
  }
  throw corrupt(`${key}/${file.path}`, `${problem}, ${DOWNLOADS} times (SHA-256 ${file.sha256})`);
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, next) => next() });
}

/** A full disk is no fault of the transfer. */
function isLocal(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException)?.code ?? "");
}

async function refOf(bucket: Bucket, stage: string, digest: string): Promise<ArtifactRef | null> {
  const text = await textAt(bucket, `artifacts/${stage}/${digest}/${MANIFEST}`);
  if (text === null || sha256(text) !== digest) return null;
  const bytes = (JSON.parse(text) as Manifest).files.reduce((sum, file) => sum + file.bytes, text.length);
  return { uri: `winnow:${stage}/${digest}`, sha256: digest, bytes };
}

/** Files whose writer died before the manifest. */
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

/** The text of an object; null where there is none. */
export async function textAt(bucket: Bucket, key: string): Promise<string | null> {
  const body = await bucket.get(key);
  if (body === null) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function corrupt(file: string, problem: string): WinnowError {
  return new WinnowError("CorruptArtifact", `${file} ${problem}`);
}
