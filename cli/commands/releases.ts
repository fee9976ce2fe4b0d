import { diffReleases, listReleases, releasesAt, showRelease } from "../../client/releases.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { ReleaseSummary } from "../../contracts/release.ts";
import { START } from "../../core/base/ownModules.ts";
import type { Io } from "../io.ts";
import { renderDifference, renderPromotion, renderRelease } from "../renderRelease.ts";
import { table } from "../table.ts";

interface CorpusOption {
  corpus?: string;
}

interface VerboseOption {
  /** Every row of the ladder. */
  verbose?: boolean;
}

/** `winnow releases`. */
export async function releasesCommand(config: CliConfig, io: Io, { corpus }: CorpusOption): Promise<void> {
  const all = await listReleases(config);
  const releases = all.filter((release) => corpus === undefined || release.corpus === corpus);
  io.result({ releases }, (columns) => {
    if (releases.length > 0)
      return table(
        ["release", "corpus", "made (UTC)", "state", "ranking", "nDCG@10", "why"],
        releases.map(line),
        columns,
      );
    if (all.length > 0) return `No release of corpus ${corpus}.`;
    return `Nothing has been released yet. \`${START.sample}\` releases the sample docs.`;
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
  const ndcg = release.unmeasured ? "not measured" : (release.ndcg?.toFixed(3) ?? "n/a");
  return [release.id, release.corpus, made, state, release.ranking, ndcg, release.reason];
}

/** `winnow releases show`: parts, evaluation, gate, and lines in the ledger. */
export async function showCommand(config: CliConfig, io: Io, id: string, options: VerboseOption): Promise<void> {
  const release = await showRelease(config, id);
  io.result(release, (columns) => renderRelease(release, { ...options, columns }));
}

/** `winnow releases diff`. */
export async function diffCommand(
  config: CliConfig,
  io: Io,
  a: string,
  b: string,
  options: VerboseOption,
): Promise<void> {
  const comparison = await diffReleases(config, a, b);
  io.result(comparison, (columns) => renderDifference(comparison, { ...options, columns }));
}

/** `winnow releases at`. */
export async function atCommand(config: CliConfig, io: Io, time: string, options: CorpusOption): Promise<void> {
  const told = await releasesAt(config, time, options);
  io.result(told, () => told.served.map(renderPromotion).join("\n\n"));
}
