import { writeValue } from "./files.ts";

/** What one version of the docs has that another has not. Pages are paths, sorted. */
export interface CorpusDifference {
  added: string[];
  changed: string[];
  removed: string[];
  /** Pages whose bytes are the same. */
  same: number;
  /** Passages by what a model reads of them: `fresh` are in the new version only, `gone` in the old one only. */
  passages: { total: number; fresh: number; gone: number };
}

/** Writes the pages that differ, all of them, and the counts of passages. */
export async function writeChanges(outDir: string, difference: CorpusDifference): Promise<void> {
  const { added, changed, removed, passages } = difference;
  await writeValue(outDir, "changes.json", { added, changed, removed, passages }, 1);
}
