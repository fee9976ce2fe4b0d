import type { Passage } from "../contracts/passage.ts";
import { compareSections, type SectionChange } from "../core/answering/compare.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { WinnowError } from "../core/base/errors.ts";
import { openRelease } from "./openRelease.ts";
import { searcherOf } from "./search.ts";
import type { Computing, Places } from "./settings.ts";

export interface CompareOptions {
  /** Releases to compare, older first. */
  from: string;
  to: string;
  /** Passages of each release to look at. */
  k?: number;
}

export interface TopicComparison {
  topic: string;
  from: { release: string; corpus: string };
  to: { release: string; corpus: string };
  sections: SectionChange[];
}

interface Version {
  release: string;
  corpus: string;
  passages: Passage[];
  /** Ids of the passages about the topic. */
  found: string[];
}

const PASSAGES = 5;
const SEARCHED = 30;

/**
 * Differences between the docs of two releases on a topic; needs no Temporal and no LLM. Throws BadInput for an empty
 * topic, UnknownRelease, CorruptArtifact, BadModel.
 *
 * @example
 * const { sections } = await compareTopic(config, "swap", { from: "14f9f68957b3", to: "0b08c3a25fbe" });
 */
export async function compareTopic(
  config: Places & Computing,
  topic: string,
  { from, to, k = PASSAGES }: CompareOptions,
): Promise<TopicComparison> {
  if (!topic.trim()) throw new WinnowError("BadInput", "Give a topic, such as a feature's name or a question.");
  const older = await searchVersion(config, from, topic, k);
  const newer = await searchVersion(config, to, topic, k);
  const sections = compareSections(older.passages, newer.passages, { from: older.found, to: newer.found });
  const named = ({ release, corpus }: Version) => ({ release, corpus });
  return { topic, from: named(older), to: named(newer), sections };
}

/** The passages of a release that are relevant to the topic, or the closest ones when none reaches its threshold. */
async function searchVersion(config: Places & Computing, id: string, topic: string, k: number): Promise<Version> {
  const { release, folders } = await openRelease(config, { release: id });
  const passages = await readPassages(folders.ingestDir);
  const searcher = await searcherOf(config, release, folders);
  try {
    const result = await searcher.search(topic, Math.max(k, SEARCHED));
    const relevant = result.passages.filter(({ scores }) => scores.relevance >= result.threshold);
    const found = (relevant.length > 0 ? relevant : result.passages).slice(0, k).map((passage) => passage.id);
    return { release: release.id, corpus: release.manifest.corpus, passages, found };
  } finally {
    await searcher.close();
  }
}
