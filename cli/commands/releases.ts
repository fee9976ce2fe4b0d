import { openReleases } from "../../core/artifacts/releases.ts";
import { openStore } from "../../core/artifacts/store.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { table } from "../render.ts";

/** Lists all releases, newest first, and says which serve. */
export async function releasesCommand(config: CliConfig, io: Io): Promise<void> {
  const releases = await openReleases(config.home, openStore(config.home)).list();
  io.result({ releases }, () => {
    if (releases.length === 0) return "Nothing has been released yet. `npm start` releases the sample docs.";
    const rows = releases.map((release) => [
      release.id,
      release.corpus,
      release.createdAt.slice(0, 16).replace("T", " "),
      release.champion ? "champion" : release.promoted ? "was champion" : "not promoted",
      release.ranking,
      release.ndcg === null ? "n/a" : release.ndcg.toFixed(3),
      release.reason,
    ]);
    return table(["release", "corpus", "made (UTC)", "state", "ranking", "nDCG@10", "why"], rows);
  });
}
