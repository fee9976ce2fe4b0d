import { bounded } from "../../bounded.ts";
import { type ReadPage, readTree } from "./sampleTree.ts";

/** Ingest's result for files by their paths. Throws if reading is interrupted. */
export function readFiles(files: Record<string, string>, generator: string | null = null) {
  const given = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  const read = bounded(() => readTree({ files: given, generator }));
  if ("reason" in read) throw new Error(read.reason);
  return read.made;
}

export function unitsOf(page: ReadPage) {
  return page.sections.flatMap(({ units }) => units);
}
