import { join } from "node:path";
import type { ReleaseSummary } from "../../contracts/release.ts";
import { messageOf, WinnowError } from "../../core/base/errors.ts";
import { parseMoment, servedAt } from "../../core/storage/ledger.ts";
import { openStorage } from "../../core/storage/openStorage.ts";
import type { Promotion, Release, Releases } from "../../core/storage/releases.ts";
import { bucketUrl } from "../../core/storage/s3/bucketUrl.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { table } from "../render.ts";
import { compareReleases, renderComparison, renderPromotion, renderRelease } from "../renderRelease.ts";

interface CorpusOption {
  corpus?: string;
}

async function open(config: CliConfig): Promise<Releases> {
  return (await openStorage(config.home, config.artifacts)).releases;
}

/** The report of a release's evaluation, for a browser; in a bucket, the object that is it. */
function reportOf({ home, artifacts }: CliConfig, { manifest }: Release): string {
  const path = ["artifacts", "evaluate", manifest.evaluate.sha256, "report.html"];
  return artifacts ? bucketUrl(artifacts, path.join("/")) : join(home, ...path);
}

/** Lists all releases, newest first, and says which serve. */
export async function releasesCommand(config: CliConfig, io: Io, { corpus }: CorpusOption): Promise<void> {
  const all = await (await open(config)).list();
  const releases = all.filter((release) => corpus === undefined || release.corpus === corpus);
  io.result({ releases }, () => {
    if (releases.length > 0)
      return table(["release", "corpus", "made (UTC)", "state", "ranking", "nDCG@10", "why"], releases.map(line));
    if (all.length > 0) return `No release of corpus ${corpus}.`;
    return "Nothing has been released yet. `npm start` releases the sample docs.";
  });
}

function line(release: ReleaseSummary): string[] {
  const made = release.createdAt.slice(0, 16).replace("T", " ");
  const state = release.champion
    ? "champion"
    : release.retired
      ? "retired"
      : release.promoted
        ? "was champion"
        : "not promoted";
  const ndcg = release.ndcg === null ? "n/a" : release.ndcg.toFixed(3);
  return [release.id, release.corpus, made, state, release.ranking, ndcg, release.reason];
}

/** One release: parts, evaluation, gate, and its lines in the ledger. */
export async function showCommand(config: CliConfig, io: Io, id: string): Promise<void> {
  const releases = await open(config);
  const release = await releases.read(id);
  const { corpus } = release.manifest;
  const ledger = (await releases.ledger(corpus)).filter((entry) => entry.release === release.id);
  const champion = (await releases.champion(corpus))?.release === release.id;
  const report = reportOf(config, release);
  io.result({ ...release, champion, ledger, report }, () => renderRelease(release, { champion, ledger, report }));
}

/** Two releases side by side. */
export async function diffCommand(config: CliConfig, io: Io, a: string, b: string): Promise<void> {
  const releases = await open(config);
  const comparison = compareReleases(await releases.read(a), await releases.read(b));
  io.result(comparison, () => renderComparison(comparison));
}

/** What served at a time, who decided, and the evidence. */
export async function atCommand(config: CliConfig, io: Io, time: string, { corpus }: CorpusOption): Promise<void> {
  const releases = await open(config);
  const moment = parseMoment(time);
  const served = servedAt(await releases.ledger(corpus), moment);
  if (served.length === 0)
    throw new WinnowError(
      "UnknownRelease",
      `Nothing${corpus ? ` of corpus ${corpus}` : ""} served at ${moment.toISOString()}.`,
    );
  const told = await Promise.all(served.map(async (entry) => ({ ...entry, ...(await evidenceOf(config, entry)) })));
  io.result({ at: moment.toISOString(), served: told }, () => told.map(renderPromotion).join("\n\n"));
}

/** The ledger outlives what it speaks of: a release that is gone or damaged says so instead. */
async function evidenceOf(config: CliConfig, { release: id }: Promotion) {
  try {
    const release = await (await open(config)).read(id);
    const { gate, evaluation, source, createdAt } = release.manifest;
    return { evidence: { gate, evaluation, source, createdAt, report: reportOf(config, release) }, missing: null };
  } catch (error) {
    return { evidence: null, missing: messageOf(error) };
  }
}
