import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { InstalledModel } from "../../contracts/models.ts";
import type { ReleaseManifest } from "../../contracts/release.ts";
import { INSTALLED, installedModel } from "../models/installed.ts";
import { DOWNLOADS } from "../models/installing/downloads.ts";
import { OF_TWIN } from "../retrieval/embeddingCache.ts";
import type { Promotion } from "../storage/champions.ts";
import { entryProblem } from "../storage/ledgerEntry.ts";
import { RETIRED, releaseId } from "../storage/releases.ts";
import type { StepRecord } from "../storage/stepCache.ts";

/** A published artifact: `key` is its stage and digest, as in its reference. */
export interface StoredArtifact {
  key: string;
  folder: string;
  /** Time of last use in milliseconds. */
  usedAt: number;
}

/** A record of the state folder; `value` is null if the file is invalid. */
export interface StoredRecord<T> {
  file: string;
  value: T | null;
}

export interface StoredRelease extends StoredRecord<ReleaseManifest> {
  id: string;
  key: string;
  /** True if `winnow gc` removed its artifacts; the manifest stays readable. */
  retired: boolean;
}

export interface StoredModel extends StoredRecord<InstalledModel> {
  newer: string | null;
}

/** Content of a state folder, not verified. */
export interface Inventory {
  artifacts: StoredArtifact[];
  releases: StoredRelease[];
  /** Entries by corpus, in order. */
  ledger: Map<string, StoredRecord<Promotion>[]>;
  steps: (StoredRecord<StepRecord<unknown>> & { latest: boolean })[];
  /** Records of the installed models; `newer` describes the format of one that a newer version wrote. */
  models: StoredModel[];
  /** Segments of the embedding cache. */
  segments: string[];
  /** Segments of the cached scores of question and text. */
  scores: string[];
  /** Ingest's cache of each corpus's pages. */
  pages: { corpus: string; file: string }[];
  /** Files of LLM replies. */
  replies: string[];
  /** Training checkpoints by the key of their step. */
  checkpoints: { key: string; folder: string }[];
  /** Files of interrupted writers. */
  leftovers: string[];
}

/** Reads the names and records of a state folder. */
export async function readInventory(home: string): Promise<Inventory> {
  const leftovers: string[] = [];
  const artifacts = await readArtifacts(join(home, "artifacts"), leftovers);
  return {
    artifacts,
    releases: await readReleases(home, artifacts),
    ledger: await readLedgerFiles(join(home, "champions"), leftovers),
    steps: await readSteps(join(home, "steps"), leftovers),
    models: await readModels(home, leftovers),
    segments: await readSegments(join(home, "embeddings"), leftovers),
    scores: await readSegments(join(home, "scores"), leftovers),
    pages: await readPages(join(home, "pages"), leftovers),
    replies: await filesEnding(".jsonl", join(home, "written"), leftovers),
    checkpoints: (await names(join(home, "checkpoints"))).map((key) => ({
      key,
      folder: join(home, "checkpoints", key),
    })),
    leftovers,
  };
}

async function readArtifacts(root: string, leftovers: string[]): Promise<StoredArtifact[]> {
  const found: StoredArtifact[] = [];
  for (const stage of await names(root)) {
    for (const name of await names(join(root, stage))) {
      const folder = join(root, stage, name);
      if (!/^[0-9a-f]{64}$/.test(name)) leftovers.push(folder);
      else found.push({ key: `${stage}/${name}`, folder, usedAt: (await stat(folder)).mtimeMs });
    }
  }
  return found;
}

async function readReleases(home: string, artifacts: StoredArtifact[]): Promise<StoredRelease[]> {
  const retired = new Set(await names(join(home, RETIRED)));
  const deployed = artifacts.filter(({ key }) => key.startsWith("deploy/"));
  return Promise.all(
    deployed.map(async ({ key, folder }) => {
      const id = releaseId({ uri: "", sha256: key.slice("deploy/".length), bytes: 0 });
      return { id, key, retired: retired.has(id), ...(await record<ReleaseManifest>(join(folder, "release.json"))) };
    }),
  );
}

async function readLedgerFiles(root: string, leftovers: string[]): Promise<Inventory["ledger"]> {
  const ledger: Inventory["ledger"] = new Map();
  for (const corpus of await names(root)) {
    const files = await records(join(root, corpus), leftovers);
    ledger.set(corpus, await Promise.all(files.map((file) => record<Promotion>(file))));
  }
  return ledger;
}

async function readSteps(root: string, leftovers: string[]): Promise<Inventory["steps"]> {
  const steps: Inventory["steps"] = [];
  for (const stage of await names(root))
    for (const latest of [false, true])
      for (const file of await records(join(root, stage, latest ? "latest" : ""), leftovers))
        steps.push({ latest, ...(await record<StepRecord<unknown>>(file)) });
  return steps;
}

async function readModels(home: string, leftovers: string[]): Promise<Inventory["models"]> {
  leftovers.push(...(await names(join(home, DOWNLOADS))).map((name) => join(home, DOWNLOADS, name)));
  const files = await records(join(home, INSTALLED), leftovers);
  return Promise.all(files.map(async (file) => storedModel(file, await readFile(file, "utf8").catch(() => ""))));
}

/** The record of an installed model, from its text. */
export function storedModel(file: string, text: string): StoredModel {
  const { model, newer } = installedModel(text);
  return { file, value: model, newer };
}

/** Files beside vectors are removed with the last of the vectors. */
async function readSegments(root: string, leftovers: string[]): Promise<string[]> {
  const segments: string[] = [];
  const beside = Object.values(OF_TWIN);
  for (const model of await names(root)) {
    const others: string[] = [];
    const found = await filesEnding(".seg", join(root, model), others);
    segments.push(...found);
    leftovers.push(...others.filter((file) => found.length === 0 || !beside.includes(basename(file))));
  }
  return segments;
}

async function readPages(root: string, leftovers: string[]): Promise<Inventory["pages"]> {
  const files = await filesEnding(".jsonl", root, leftovers);
  return files.map((file) => ({ corpus: basename(file, ".jsonl"), file }));
}

/** Files of a folder with this suffix; a file with any other name was left by a dead writer. */
async function filesEnding(ending: string, folder: string, leftovers: string[]): Promise<string[]> {
  const files = (await names(folder)).map((name) => join(folder, name));
  leftovers.push(...files.filter((file) => !file.endsWith(ending)));
  return files.filter((file) => file.endsWith(ending));
}

/** Record files of a folder; a file with any other name was left by a dead writer. */
async function records(folder: string, leftovers: string[]): Promise<string[]> {
  const found = (await names(folder)).filter((name) => name !== "latest").map((name) => join(folder, name));
  leftovers.push(...found.filter((file) => !isRecord(file)));
  return found.filter(isRecord);
}

/** True for the name of a record; a file with any other name was left by a dead writer. */
export function isRecord(file: string): boolean {
  return /[\\/][^.\\/][^\\/]*\.json$/.test(file);
}

async function record<T>(file: string): Promise<StoredRecord<T>> {
  return parsedRecord(file, await readFile(file, "utf8").catch(() => ""));
}

/** Parses a record; anything but an object becomes null. */
export function parsedRecord<T>(file: string, text: string): StoredRecord<T> {
  try {
    const value = JSON.parse(text);
    return { file, value: value !== null && typeof value === "object" ? value : null };
  } catch {
    return { file, value: null };
  }
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [] as string[])).sort();
}

/** Corpora whose ledger lacks an entry or has a damaged one: their champion is unknown. */
export function damagedLedgers({ ledger }: Pick<Inventory, "ledger">): Set<string> {
  const damaged = [...ledger].filter(([corpus, entries]) =>
    entries.some(({ file, value }, at) => entryProblem(value, corpus) !== null || !isNumbered(file, at)),
  );
  return new Set(damaged.map(([corpus]) => corpus));
}

/** True for the file of the entry at a position. */
export function isNumbered(file: string, at: number): boolean {
  return file.endsWith(`${String(at + 1).padStart(6, "0")}.json`);
}

/** Keys of the artifacts that a manifest or a record refers to, at any depth. */
export function artifactKeys(value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  const { uri } = value as { uri?: unknown };
  const own = typeof uri === "string" ? /^winnow:(.+)$/.exec(uri) : null;
  return own ? [own[1]!] : Object.values(value).flatMap(artifactKeys);
}
