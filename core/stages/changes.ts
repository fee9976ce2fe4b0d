import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { CorpusChanges } from "../../contracts/pipeline.ts";
import { writeChanges } from "../artifacts/changes.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { compareCorpora } from "./work/compareCorpora.ts";

/** Number of example paths of each kind in the facts; the artifact lists all. */
const EXAMPLES = 10;

export interface ChangesInput extends StageInput {
  before: ArtifactRef;
  now: ArtifactRef;
}

export type Changes = Omit<CorpusChanges, "against" | "ref">;

/** Differences between the docs of two ingest artifacts. */
export const changes = defineStage({
  name: "changes",
  of: "ingest",
  queue: null,
  reads: ({ before, now }: ChangesInput) => ({ before, now }),
  options: () => ({}),
  also: [{ file: "core/stages/work/compareCorpora.ts", names: ["compareCorpora"] }],
  async run({ before, now }, _input: ChangesInput, { outDir }): Promise<{ summary: string; facts: Changes }> {
    const difference = await compareCorpora(before, now);
    await writeChanges(outDir, difference);
    const { added, changed, removed, same, passages } = difference;
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
