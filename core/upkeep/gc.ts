import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readPassages } from "../artifacts/passages.ts";
import { readVectorsMeta } from "../artifacts/vectors.ts";
import type { VectorServer } from "../base/compute.ts";
import { windowInputs } from "../docs/windows.ts";
import { cacheName, embeddingKey, readSegmentKeys } from "../retrieval/embeddingCache.ts";
import { championStack } from "../storage/ledger.ts";
import { folderRecords } from "../storage/records.ts";
import { RETIRED } from "../storage/releases.ts";
import { asStorageError } from "../storage/storage.ts";
import { type DoomedCollections, doomedCollections, dropCollection, type Unavailable } from "./collections.ts";
import { artifactKeys, damagedLedgers, type Inventory, readInventory, type StoredRelease } from "./inventory.ts";
import { type OldRecord, oldRecords, type RecordAge, stillOld } from "./keptRecords.ts";
import { requireKnownFormats } from "./knownFormats.ts";
import { unneededScores } from "./scores.ts";

export interface GcOptions {
  /** Number of newest releases of each corpus to keep, in addition to the champion and the rollback target. */
  keep: number;
  /** Artifacts used within this many hours stay, because a run may need them. */
  graceHours: number;
  /** Digests, or prefixes of them, in use by running workflows: artifacts, and releases by id. */
  inUse: string[];
  /** Vector database whose collections are collected too. */
  vectors?: VectorServer | null;
  /** Removes records of answers and votes from this age on. Default: none. */
  records?: RecordAge;
  apply: boolean;
}

export const GC_DEFAULTS = { keep: 5, graceHours: 48 };

export interface Removal {
  /** A file, a folder, or the name of a collection. */
  path: string;
  what:
    | "artifact"
    | "release"
    | "record"
    | "embeddings"
    | "scores"
    | "pages"
    | "checkpoint"
    | "leftover"
    | "collection"
    | OldRecord["what"];
  bytes: number;
}

export interface GcReport {
  applied: boolean;
  removals: Removal[];
  /** Releases that keep their manifest and their place in the ledger, but lose their artifacts. */
  retired: string[];
  bytes: number;
  /** Why a vector or search server could not be asked. Its collections stay until it is back. */
  unavailable: string[];
}

/**
 * Removes everything unneeded; without `apply` it only reports. Kept, with all their references: the champion of each
 * corpus, the one before it, the last `keep` releases, results of each corpus's last run, installed models, and anything
 * used recently. A release that once served keeps its manifest, so that the ledger stays readable.
 */
export async function collectGarbage(home: string, options: GcOptions): Promise<GcReport> {
  const inventory = await readInventory(home);
  const plan = planOf(inventory, options);
  const { names, unavailable } = await doomedIndexes(inventory, plan, options);
  const removals = [
    ...removalsOf(plan),
    ...(await doomedSegments(inventory, plan.kept, options)).map((path) => ({ path, what: "embeddings" as const })),
    ...(await oldOnes(await unneededScores(inventory, plan.kept), options.graceHours)).map((path) => ({
      path,
      what: "scores" as const,
    })),
    ...(await oldOnes(pagesWithoutRelease(inventory), options.graceHours)).map((path) => ({
      path,
      what: "pages" as const,
    })),
    ...(await doomedCheckpoints(inventory, options)).map((path) => ({ path, what: "checkpoint" as const })),
    ...(await oldLeftovers(inventory, options)).map((path) => ({ path, what: "leftover" as const })),
    ...(await oldRecordsIn(home, options)),
    ...names.map((path) => ({ path, what: "collection" as const })),
  ];
  const sized = await Promise.all(removals.map(async (removal) => ({ ...removal, bytes: await sizeOf(removal.path) })));
  const found = options.apply ? await stillOld(sized, () => oldRecordsIn(home, options)) : sized;
  const report = { applied: options.apply, removals: found, retired: plan.retired };
  if (options.apply) await apply(home, report, options.vectors ?? null, unavailable);
  const bytes = found.reduce((sum, removal) => sum + removal.bytes, 0);
  return { ...report, bytes, unavailable: [...unavailable.values()] };
}

interface Plan {
  kept: Set<string>;
  /** Folders. */
  artifacts: string[];
  /** Files of step records that name a removed artifact. */
  records: string[];
  retired: string[];
}

/** Decides what to remove, from the references alone. Throws BadInput if a newer version wrote some of them. */
export function planOf(inventory: Inventory, { keep, graceHours, inUse }: GcOptions): Plan {
  requireKnownFormats(inventory);
  const { artifacts, releases, ledger, steps } = inventory;
  const kept = new Set(installedKeys(inventory));
  const staying = keptReleases(inventory, keep);
  for (const release of staying) for (const key of [release.key, ...artifactKeys(release.value)]) kept.add(key);
  for (const { latest, value } of steps) if (latest) for (const key of artifactKeys(value)) kept.add(key);
  const young = Date.now() - graceHours * 3600_000;
  const held = (key: string) => inUse.some((digest) => key.split("/")[1]!.startsWith(digest));
  for (const { key, usedAt } of artifacts) if (usedAt >= young || held(key)) kept.add(key);
  // A release may belong to a run that waits for approval, which then needs all of its artifacts.
  for (const { key, value } of releases) if (kept.has(key)) for (const part of artifactKeys(value)) kept.add(part);
  const served = new Set([...ledger.values()].flat().map(({ value }) => value?.release));
  const leaving = releases.filter(({ key }) => !kept.has(key));
  const retired = leaving.filter(({ id }) => served.has(id));
  for (const { key } of retired) kept.add(key);
  const doomed = artifacts.filter(({ key }) => !kept.has(key));
  const gone = new Set(doomed.map(({ key }) => key));
  const stale = steps.filter(({ latest, value }) => !latest && artifactKeys(value).some((key) => gone.has(key)));
  return {
    kept,
    artifacts: doomed.map(({ folder }) => folder),
    records: stale.map(({ file }) => file),
    retired: retired.filter((release) => !release.retired).map(({ id }) => id),
  };
}

/** Artifacts of the installed models; all models while a record cannot be read, since it may name any of them. */
function installedKeys({ artifacts, models }: Inventory): string[] {
  if (models.every(({ value }) => value !== null)) return models.flatMap(({ value }) => artifactKeys(value));
  return artifacts.flatMap(({ key }) => (key.startsWith("model/") ? [key] : []));
}

/** The removals of a plan, in an order that leaves no dangling references. */
export function removalsOf({ records, artifacts }: Plan): Omit<Removal, "bytes">[] {
  return [
    ...records.map((path) => ({ path, what: "record" as const })),
    ...artifacts.map((path) => ({
      path,
      what: /artifacts[\\/]deploy[\\/]/.test(path) ? ("release" as const) : ("artifact" as const),
    })),
  ];
}

/**
 * For each corpus: the champion, the rollback target, and the newest releases. Unreadable ones stay for `fsck`, and so
 * does every release of a corpus whose ledger is damaged.
 */
function keptReleases({ releases, ledger }: Inventory, keep: number): StoredRelease[] {
  const unclear = damagedLedgers({ ledger });
  const needed = new Set(
    [...ledger.values()].flatMap((entries) => championStack(entries.flatMap(({ value }) => value ?? [])).slice(-2)),
  );
  const corpora = new Set(releases.map(({ value }) => value?.corpus));
  const newest = [...corpora].flatMap((corpus) =>
    releases
      .filter(({ value, retired }) => value?.corpus === corpus && !retired)
      .sort((a, b) => ((a.value?.createdAt ?? "") < (b.value?.createdAt ?? "") ? 1 : -1))
      .slice(0, corpus === undefined || unclear.has(corpus) ? undefined : keep),
  );
  return [...new Set([...releases.filter(({ id }) => needed.has(id)), ...newest])];
}

/** Segments without a passage in a kept corpus, and segments of models without kept vectors. */
async function doomedSegments(
  { artifacts, segments }: Inventory,
  kept: Set<string>,
  { graceHours }: GcOptions,
): Promise<string[]> {
  if (segments.length === 0) return [];
  const texts = new Set<string>();
  const models = new Set<string | null>();
  for (const { key, folder } of artifacts.filter((artifact) => kept.has(artifact.key))) {
    if (key.startsWith("embed/")) models.add(await cacheOf(folder));
    if (!key.startsWith("ingest/")) continue;
    const passages = await readPassages(folder).catch(() => []);
    for (const text of passages.flatMap(windowInputs)) texts.add(embeddingKey(text));
  }
  const doomed: string[] = [];
  for (const segment of segments) {
    const found = await readSegmentKeys(segment);
    const used = found !== null && models.has(basename(dirname(segment))) && found.keys.some((key) => texts.has(key));
    if (!used && (await isOld(segment, graceHours))) doomed.push(segment);
  }
  return doomed;
}

/** Name of the cache folder of the vectors; null if their metadata cannot be read. */
async function cacheOf(embedDir: string): Promise<string | null> {
  const meta = await readVectorsMeta(embedDir).catch(() => null);
  return meta?.modelDigest ? cacheName(meta.modelDigest, meta.precision ?? "float32") : null;
}

function pagesWithoutRelease({ pages, releases }: Inventory): string[] {
  const corpora = new Set(releases.map(({ value }) => value?.corpus));
  return pages.filter(({ corpus }) => !corpora.has(corpus)).map(({ file }) => file);
}

async function oldRecordsIn(home: string, { records }: GcOptions): Promise<OldRecord[]> {
  const old = records ? await oldRecords(folderRecords(home), records) : [];
  return old.map(({ path, what }) => ({ path: join(home, path), what }));
}

/** Checkpoints of trainings that ended or were abandoned. */
async function doomedCheckpoints({ checkpoints, steps }: Inventory, { graceHours }: GcOptions): Promise<string[]> {
  const done = new Set(steps.flatMap(({ latest, file }) => (latest ? [] : [basename(file, ".json")])));
  const doomed: string[] = [];
  for (const { key, folder } of checkpoints)
    if (done.has(key) || (await isOld(folder, graceHours))) doomed.push(folder);
  return doomed;
}

/**
 * Collections that no index here needs. A home without any promotion may be the cache of a bucket whose releases it
 * does not know, so none is removed there.
 */
async function doomedIndexes(
  { artifacts, ledger }: Inventory,
  { artifacts: leaving }: Plan,
  options: GcOptions,
): Promise<DoomedCollections> {
  if (!options.vectors || ledger.size === 0) return { names: [], unavailable: new Map() };
  const indexes = artifacts.filter(({ key, folder }) => key.startsWith("build-index/") && !leaving.includes(folder));
  const folders = indexes.map(({ folder }) => folder);
  return doomedCollections(options.vectors, folders, options.graceHours);
}

/** Drafts get a longer grace time, because a long stage fills its draft for longer than it leaves artifacts unused. */
async function oldLeftovers({ leftovers }: Inventory, { graceHours }: GcOptions): Promise<string[]> {
  return oldOnes(leftovers, 3 * graceHours);
}

async function oldOnes(paths: string[], hours: number): Promise<string[]> {
  const old: string[] = [];
  for (const path of paths) if (await isOld(path, hours)) old.push(path);
  return old;
}

async function isOld(path: string, hours: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs >= hours * 3600_000;
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return found?.size ?? 0;
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
  return bytes;
}

/**
 * Writes the marks, then removes the records, then the artifacts they name. An interruption at any point leaves no
 * dangling references.
 */
async function apply(
  home: string,
  { removals, retired }: Pick<GcReport, "removals" | "retired">,
  vectors: VectorServer | null,
  unavailable: Unavailable,
): Promise<void> {
  try {
    // Creating a folder on a read-only file system reports ENOENT, which misleads.
    await access(home, constants.W_OK);
    await mkdir(join(home, RETIRED), { recursive: true });
    for (const id of retired)
      await writeFile(join(home, RETIRED, id), `${new Date().toISOString()}\n`, { flush: true });
    for (const { path, what } of removals) {
      if (what !== "collection") await remove(path, what);
      else if (vectors) await dropCollection(vectors, path, unavailable);
    }
  } catch (error) {
    throw asStorageError(error);
  }
}

async function remove(path: string, what: Removal["what"]): Promise<void> {
  // Readers stop seeing it at once. The sweep removes drafts, in case this process dies meanwhile.
  const doomed = what === "artifact" || what === "release" ? join(dirname(path), `.draft-${randomUUID()}`) : path;
  if (doomed !== path) await rename(path, doomed).catch(absent);
  await rm(doomed, { recursive: true, force: true });
}

function absent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
