import { join } from "node:path";
import type { Passage } from "../../../contracts/passage.ts";
import { sha256 } from "../../base/canonical.ts";
import { eachJsonLine } from "../../base/jsonl.ts";
import { passageInput } from "../../docs/passageText.ts";

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
  /** How many passages have a text, by its digest. */
  counts: Map<string, number>;
}

/** Passages of one version whose text the other has not. */
function missing(of: Texts, from: Texts): number {
  return [...of.counts].reduce((sum, [text, count]) => sum + (from.counts.has(text) ? 0 : count), 0);
}

async function pageDigests(dir: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for await (const { page, digest } of eachJsonLine<{ page: string; digest: string }>(join(dir, "pages.jsonl")))
    digests.set(page, digest);
  return digests;
}

async function passageTexts(dir: string): Promise<Texts> {
  const counts = new Map<string, number>();
  let total = 0;
  for await (const passage of eachJsonLine<Passage>(join(dir, "passages.jsonl"))) {
    const text = sha256(passageInput(passage)).slice(0, 32);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    total++;
  }
  return { total, counts };
}
