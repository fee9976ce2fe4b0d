import { join } from "node:path";
import type { EvaluationSummary, GateDecision } from "../contracts/evaluation.ts";
import type { ReleaseManifest, ReleaseSummary } from "../contracts/release.ts";
import { REPORT_FILE } from "../core/artifacts/evaluation.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { parseMoment, type Serving, servedAt } from "../core/storage/ledger.ts";
import type { Promotion, Release, Releases } from "../core/storage/releases.ts";
import { bucketUrl } from "../core/storage/s3/bucketUrl.ts";
import { compareReleases, type ReleaseComparison } from "./releaseComparison.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** A release with its state, its lines in the ledger, and the place of its report. */
export interface ShownRelease extends Release {
  champion: boolean;
  ledger: Promotion[];
  /** Path or URL; null if the release is not measured. */
  report: string | null;
}

/** Evidence behind a promotion. */
export interface Evidence {
  gate: GateDecision;
  /** Null if the release served before it was measured, as is the report. */
  evaluation: EvaluationSummary | null;
  source: ReleaseManifest["source"];
  createdAt: string;
  report: string | null;
}

/** A release that served, with its evidence, or the reason why the evidence cannot be read. */
export type ServedRelease = Serving & ({ evidence: Evidence; missing: null } | { evidence: null; missing: string });

async function open(places: Places): Promise<Releases> {
  return (await storageOf(places)).releases;
}

/** Report of a release's evaluation, as HTML; null if there is none. */
function reportOf({ home, artifacts }: Places, { manifest }: Release): string | null {
  if (!manifest.evaluate) return null;
  const path = ["artifacts", "evaluate", manifest.evaluate.sha256, REPORT_FILE];
  return artifacts ? bucketUrl(artifacts, path.join("/")) : join(home, ...path);
}

/**
 * All releases of all corpora, newest first, with their state.
 *
 * @example
 * const serving = (await listReleases(config)).filter(({ champion }) => champion);
 */
export async function listReleases(places: Places): Promise<ReleaseSummary[]> {
  return (await open(places)).list();
}

/** The releases that serve, one a corpus. */
export async function listChampions(places: Places): Promise<ReleaseSummary[]> {
  return (await listReleases(places)).filter(({ champion }) => champion);
}

/** One release, by its id or the start of it. Throws UnknownRelease, CorruptArtifact. */
export async function showRelease(places: Places, id: string): Promise<ShownRelease> {
  const releases = await open(places);
  const release = await releases.read(id);
  const { corpus } = release.manifest;
  const ledger = (await releases.ledger(corpus)).filter((entry) => entry.release === release.id);
  const champion = (await releases.champion(corpus))?.release === release.id;
  return { ...release, champion, ledger, report: reportOf(places, release) };
}

/** Two releases side by side, by their ids. Throws UnknownRelease, CorruptArtifact. */
export async function diffReleases(places: Places, a: string, b: string): Promise<ReleaseComparison> {
  const releases = await open(places);
  return compareReleases(await releases.read(a), await releases.read(b));
}

/**
 * The releases that served at a time, such as `2026-11-22T10:00` (UTC unless it has an offset). Throws BadInput for a text
 * that is no time, UnknownRelease when nothing served.
 */
export async function releasesAt(
  places: Places,
  time: string,
  { corpus }: { corpus?: string } = {},
): Promise<{ at: string; served: ServedRelease[] }> {
  const releases = await open(places);
  const moment = parseMoment(time);
  const served = servedAt(await releases.ledger(corpus), moment);
  if (served.length === 0)
    throw new WinnowError(
      "UnknownRelease",
      `Nothing${corpus ? ` of corpus ${corpus}` : ""} served at ${moment.toISOString()}${firstOf(await releases.ledger(corpus))}.`,
    );
  const withEvidence = served.map(async (entry) => ({ ...entry, ...(await evidenceOf(places, releases, entry)) }));
  return { at: moment.toISOString(), served: await Promise.all(withEvidence) };
}

/** When the first release of a ledger began to serve, which a time before it asks for in vain. */
function firstOf(ledger: Promotion[]): string {
  const first = ledger.map(({ at }) => at).sort()[0];
  return first === undefined ? ": nothing has been released yet" : `: the first release serves since ${first}`;
}

/** The ledger outlives its releases. For a removed or damaged one, the reason is returned. */
async function evidenceOf(
  places: Places,
  releases: Releases,
  { release: id }: Promotion,
): Promise<{ evidence: Evidence; missing: null } | { evidence: null; missing: string }> {
  try {
    const release = await releases.read(id);
    const { gate, evaluation, source, createdAt } = release.manifest;
    return { evidence: { gate, evaluation, source, createdAt, report: reportOf(places, release) }, missing: null };
  } catch (error) {
    return { evidence: null, missing: messageOf(error) };
  }
}
