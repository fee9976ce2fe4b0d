import type { CorpusDifference } from "../../artifacts/changes.ts";
import { eachPassage, readPageRecords } from "../../artifacts/passages.ts";
import { sha256 } from "../../base/canonical.ts";
import { passageInput } from "../../docs/passageText.ts";

/** Compares two ingest artifacts, page by page and passage by passage. Throws CorruptArtifact. */
export async function compareCorpora(oldDir: string, newDir: string): Promise<CorpusDifference> {
  const [before, now] = [await pageDigests(oldDir), await pageDigests(newDir)];
  const [oldTexts, newTexts] = [await passageTexts(oldDir), await passageTexts(newDir)];
  const known = [...now.keys()].filter((page) => before.has(page));
  const changed = known.filter((page) => before.get(page) !== now.get(page)).sort();
  return {
    added: [...now.keys()].filter((page) => !before.has(page)).sort(),
    changed,
    removed: [...before.keys()].filter((page) => !now.has(page)).sort(),
    same: known.length - changed.length,
    passages: { total: newTexts.total, fresh: missing(newTexts, oldTexts), gone: missing(oldTexts, newTexts) },
  };
}

interface Texts {
  total: number;
  /** Number of passages with each text, by the text's digest. */
  counts: Map<string, number>;
}

/** Number of passages of one version whose text the other lacks. */
function missing(of: Texts, from: Texts): number {
  return [...of.counts].reduce((sum, [text, count]) => sum + (from.counts.has(text) ? 0 : count), 0);
}

async function pageDigests(dir: string): Promise<Map<string, string>> {
  return new Map((await readPageRecords(dir)).map(({ page, digest }) => [page, digest]));
}

async function passageTexts(dir: string): Promise<Texts> {
  const counts = new Map<string, number>();
  let total = 0;
  for await (const passage of eachPassage(dir)) {
    const text = sha256(passageInput(passage)).slice(0, 32);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    total++;
  }
  return { total, counts };
}
