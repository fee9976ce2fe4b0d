import { Context } from "@temporalio/activity";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import type { CorpusChanges } from "../contracts/pipeline.ts";
import { championOf } from "../core/stages/champion.ts";
import { stages } from "../core/stages/index.ts";
import { runStage } from "../core/stages/runStage.ts";
import type { Pulse, StageContext } from "../core/stages/stage.ts";
import { withHeartbeat } from "./heartbeat.ts";

const mode = { force: false, cachedOnly: false };

export function createChangesActivities(context: StageContext) {
  return {
    /** Changes of these docs against the champion's, as an artifact; null if nothing serves yet. */
    compareDocs: ({ corpus, ingest }: { corpus: string; ingest: ArtifactRef }): Promise<CorpusChanges | null> =>
      withHeartbeat("ingest", async (pulse) => {
        const champion = await championOf(context.releases, corpus);
        if (!champion) return null;
        const asked = { corpus, before: champion.manifest.ingest, now: ingest };
        const { ref, facts } = await changesBetween(asked, context, pulse);
        return { ...facts, against: champion.id, ref };
      }),
  };
}

/** Compares two ingest artifacts, once per pair. Throws CorruptArtifact. */
export function changesBetween(
  asked: { corpus: string; before: ArtifactRef; now: ArtifactRef },
  context: StageContext,
  pulse: Pulse,
) {
  const since = Context.current().info.scheduledTimestampMs;
  return runStage(stages.changes, { ...asked, mode }, context, { ...pulse, task: "changes", since });
}
