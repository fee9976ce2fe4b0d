import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { CorpusChanges } from "../contracts/pipeline.ts";
import { compareCorpora } from "../core/stages/work/compareCorpora.ts";
import type { Releases } from "../core/storage/releases.ts";
import { championOf } from "./evaluate.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { runStep, type StageDeps } from "./stageRunner.ts";

/** Paths of each kind that travel with the run; `changes.json` lists all. */
const EXAMPLES = 10;

export type Changes = Omit<CorpusChanges, "against" | "ref">;

export function createChangesActivities(deps: StageDeps & { releases: Releases }) {
  return {
    /** What these docs have that the champion's have not, as an artifact; null where nothing serves yet. */
    async compareDocs({ corpus, ingest }: { corpus: string; ingest: ArtifactRef }): Promise<CorpusChanges | null> {
      const champion = await withHeartbeat("ingest", () => championOf(deps.releases, corpus));
      if (!champion) return null;
      const { ref, facts } = await changesBetween(deps, corpus, champion.manifest.ingest, ingest);
      return { ...facts, against: champion.id, ref };
    },
  };
}

/** Compares two ingest artifacts, once for each pair. Throws CorruptArtifact. */
export async function changesBetween(deps: StageDeps, corpus: string, before: ArtifactRef, now: ArtifactRef) {
  return runStep<Changes>(deps, {
    name: "changes",
    stage: "ingest",
    corpus,
    mode: { force: false, cachedOnly: false },
    inputs: { before: before.sha256, now: now.sha256 },
    options: {},
    async work(outDir) {
      const [oldDir, newDir] = [await deps.store.resolve(before), await deps.store.resolve(now)];
      const { added, changed, removed, same, passages } = await compareCorpora(oldDir, newDir);
      await writeFile(
        join(outDir, "changes.json"),
        `${JSON.stringify({ added, changed, removed, passages }, null, 1)}\n`,
      );
      const facts = {
        pages: { added: added.length, changed: changed.length, removed: removed.length, same },
        passages,
        examples: {
          added: added.slice(0, EXAMPLES),
          changed: changed.slice(0, EXAMPLES),
          removed: removed.slice(0, EXAMPLES),
        },
      };
      return { summary: `${added.length} added, ${changed.length} changed, ${removed.length} removed`, facts };
    },
  });
}
