import { writeValue } from "./files.ts";

/** Difference between two versions of the docs. Pages are sorted paths. */
export interface CorpusDifference {
  added: string[];
  changed: string[];
  removed: string[];
  /** Pages with the same bytes. */
  same: number;
  /** Passages compared by the model's input: `fresh` are only in the new version, `gone` only in the old one. */
  passages: { total: number; fresh: number; gone: number };
}

/** Writes all pages that differ, and the counts of passages. */
export async function writeChanges(outDir: string, difference: CorpusDifference): Promise<void> {
  const { added, changed, removed, passages } = difference;
  await writeValue(outDir, "changes.json", { added, changed, removed, passages }, 1);
}
