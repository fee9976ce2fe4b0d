import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { sha256, sha256OfFile } from "../base/canonical.ts";
import { WinnowError } from "../base/errors.ts";
import { MANIFEST, type Manifest, parseManifest, readManifest, unlistedFile } from "./manifest.ts";
import { asStorageError, type Failpoint, syncPath } from "./storage.ts";

const DRAFT = ".draft-";
const URI = /^winnow:([a-z][a-z-]*)\/([0-9a-f]{64})$/;

/** Immutable, content-addressed folders below `HOME/artifacts/<stage>/<sha256>`. */
export interface ArtifactStore {
  /** Creates an empty folder on the store's own file system; `commit` or `discard` it. */
  draft(stage: string): Promise<string>;
  /** Publishes a draft atomically; the same content gives the same reference. Throws StorageFailed. */
  commit(draft: string, stage: string): Promise<ArtifactRef>;
  /** Folder of an artifact with every byte verified. Throws CorruptArtifact naming file and digest. */
  resolve(ref: ArtifactRef): Promise<string>;
  /**
   * Reads every byte of an artifact again, whatever was verified before; a bucket's store reads the bucket. Throws
   * CorruptArtifact.
   */
  verify(ref: ArtifactRef): Promise<void>;
  discard(draft: string): Promise<void>;
  /** References of all published artifacts of a stage. */
  list(stage: string): Promise<ArtifactRef[]>;
  /**
   * Removes leftovers older than `ageMs`, which no live attempt can own: drafts on this machine and, unless `where` is
   * `here`, the files of dead writers in a bucket. Returns their number.
   */
  sweep(ageMs: number, where?: "here" | "everywhere"): Promise<number>;
}

/** Opens the store of a home folder; the first draft creates the folder. */
export function openStore(home: string, failpoint: Failpoint = () => {}): ArtifactStore {
  const root = join(home, "artifacts");
  const verified = new Map<string, string>();
  const check = async (ref: ArtifactRef, known: Map<string, string>) => {
    const [, stage, digest] = URI.exec(ref.uri) ?? [];
    if (!stage || digest !== ref.sha256) throw corrupt(ref.uri, "is not a reference of this store");
    const folder = join(root, stage, digest);
    await verify(folder, ref.sha256, known);
    return folder;
  };
  return {
    async draft(stage) {
      const folder = join(root, stage, `${DRAFT}${randomUUID()}`);
      await guarded(mkdir(folder, { recursive: true }));
      return folder;
    },
    commit: (draft, stage) => publish(root, draft, stage, failpoint),
    async resolve(ref) {
      const folder = await check(ref, verified);
      // Retention goes by last use. Listing a release is not a use, so its manifest's time stays.
      const now = new Date();
      if (!ref.uri.startsWith("winnow:deploy/")) await utimes(folder, now, now).catch(() => {});
      return folder;
    },
    async verify(ref) {
      await check(ref, new Map());
    },
    discard: (draft) => rm(draft, { recursive: true, force: true }),
    list: (stage) => published(root, stage),
    sweep: (ageMs) => sweepDrafts(root, ageMs),
  };
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  return work.catch((error) => {
    throw asStorageError(error);
  });
}

function corrupt(file: string, problem: string): WinnowError {
  return new WinnowError("CorruptArtifact", `${file} ${problem}`);
}

/** Hashes and syncs every file and writes the manifest last; one rename then makes all of it visible. */
async function publish(root: string, draft: string, stage: string, failpoint: Failpoint): Promise<ArtifactRef> {
  try {
    const manifest: Manifest = { schema: 1, stage, files: await describeFiles(draft) };
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    const digest = sha256(text);
    await failpoint("store.before-manifest");
    await writeSynced(join(draft, MANIFEST), text);
    await syncPath(draft);
    await failpoint("store.before-rename", join(draft, MANIFEST));
    await moveIntoPlace(draft, join(root, stage, digest), digest);
    await syncPath(join(root, stage));
    await failpoint("store.after-rename", join(root, stage, digest, MANIFEST));
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, text.length);
    return { uri: `winnow:${stage}/${digest}`, sha256: digest, bytes };
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
    throw asStorageError(error);
  }
}

async function describeFiles(folder: string): Promise<Manifest["files"]> {
  const files: Manifest["files"] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = relative(folder, file).split(sep).join("/");
    if (path === MANIFEST) continue;
    await syncPath(file);
    files.push({ path, bytes: (await stat(file)).size, sha256: await sha256OfFile(file) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveIntoPlace(draft: string, target: string, digest: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    // The same content exists. If it was damaged since, the fresh copy replaces it.
    const sound = await verify(target, digest, new Map()).then(
      () => true,
      () => false,
    );
    if (!sound) {
      await rename(target, `${target}.corrupt-${randomUUID().slice(0, 8)}`);
      return rename(draft, target);
    }
    await rm(draft, { recursive: true, force: true });
  }
}

/** Checks the manifest against `digest`, and every file against the manifest; unchanged files once per process. */
async function verify(folder: string, digest: string, verified: Map<string, string>): Promise<void> {
  const manifestFile = join(folder, MANIFEST);
  const text = await readFile(manifestFile).catch(() => {
    throw corrupt(manifestFile, `is missing (artifact ${digest})`);
  });
  if (sha256(text) !== digest) throw corrupt(manifestFile, `does not match its digest ${digest}`);
  const manifest = readManifest(manifestFile, text.toString("utf8"));
  const planted = await unlistedFile(folder, manifest);
  if (planted) throw corrupt(planted, "is not part of the artifact in this folder: delete it");
  for (const { path, bytes, sha256: expected } of manifest.files) {
    const file = join(folder, path);
    const found = await stat(file).catch(() => {
      throw corrupt(file, `is missing (SHA-256 ${expected})`);
    });
    if (found.size !== bytes) throw corrupt(file, `has ${found.size} bytes instead of ${bytes} (SHA-256 ${expected})`);
    const stamp = `${found.mtimeMs}:${found.size}:${found.ino}`;
    if (verified.get(file) === stamp) continue;
    if ((await sha256OfFile(file)) !== expected) throw corrupt(file, `does not match its SHA-256 ${expected}`);
    verified.set(file, stamp);
  }
}

async function published(root: string, stage: string): Promise<ArtifactRef[]> {
  const names = await readdir(join(root, stage)).catch(() => [] as string[]);
  const refs: ArtifactRef[] = [];
  for (const digest of names.filter((name) => /^[0-9a-f]{64}$/.test(name))) {
    const text = await readFile(join(root, stage, digest, MANIFEST), "utf8").catch(() => null);
    if (text === null || sha256(text) !== digest) continue;
    const manifest = parseManifest(text);
    if (manifest === null) continue;
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, text.length);
    refs.push({ uri: `winnow:${stage}/${digest}`, sha256: digest, bytes });
  }
  return refs;
}

async function sweepDrafts(root: string, ageMs: number): Promise<number> {
  let removed = 0;
  for (const stage of await readdir(root).catch(() => [] as string[])) {
    for (const name of await readdir(join(root, stage)).catch(() => [] as string[])) {
      const folder = join(root, stage, name);
      if (!name.startsWith(DRAFT) || Date.now() - (await stat(folder)).mtimeMs < ageMs) continue;
      await rm(folder, { recursive: true, force: true });
      removed++;
    }
  }
  return removed;
}
