import { join } from "node:path";
import type { Passage } from "../../contracts/passage.ts";
import { compareSections, type SectionChange } from "../../core/answering/compare.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { readJsonLines } from "../../core/base/jsonl.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { openService } from "../../core/stages/tasks.ts";
import { type CliConfig, computeOptions } from "../config.ts";
import type { Io } from "../io.ts";
import { openRelease } from "../open.ts";

export interface CompareOptions {
  /** Releases to compare, older first. */
  from: string;
  to: string;
  /** Passages of each version to look at. */
  k?: number;
}

interface Version {
  release: string;
  corpus: string;
  passages: Passage[];
  found: string[];
}

const PASSAGES = 5;
const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 300;

/** What changed for a topic between two releases' docs; needs no Temporal and no LLM. */
export async function compareCommand(config: CliConfig, io: Io, topic: string, options: CompareOptions): Promise<void> {
  if (!topic.trim()) throw new WinnowError("BadInput", "Give a topic, such as a feature's name or a question.");
  const k = options.k ?? PASSAGES;
  const from = await searchVersion(config, options.from, topic, k);
  const to = await searchVersion(config, options.to, topic, k);
  const sections = compareSections(from.passages, to.passages, { from: from.found, to: to.found });
  const named = ({ release, corpus }: Version) => ({ release, corpus });
  io.result({ topic, from: named(from), to: named(to), sections }, () =>
    renderComparison(topic, from.release, to.release, sections),
  );
}

/** The passages of a release that are relevant to the topic; the closest ones where none reaches its threshold. */
async function searchVersion(config: CliConfig, id: string, topic: string, k: number): Promise<Version> {
  const { release, folders } = await openRelease(config, { release: id });
  const { ranking, corpus } = release.manifest;
  const passages = await readJsonLines<Passage>(join(folders.ingestDir, "passages.jsonl"));
  const engine = await openService(
    "engine",
    { ...folders, release: release.id, ranking, embedderDir: embedderDir(config.cache) },
    { ...computeOptions(config), vectors: config.vectors },
  );
  try {
    const result = await engine.request("search", topic, Math.max(k, 30));
    const relevant = result.passages.filter(({ scores }) => scores.relevance >= result.threshold);
    const found = (relevant.length > 0 ? relevant : result.passages).slice(0, k).map((passage) => passage.id);
    return { release: release.id, corpus, passages, found };
  } finally {
    await engine.close();
  }
}

/** Sections that differ with their lines, as a diff; then those that are the same, by name. */
export function renderComparison(topic: string, from: string, to: string, sections: SectionChange[]): string {
  const differing = sections.filter(({ change }) => change !== "same");
  const same = sections.filter(({ change }) => change === "same");
  const parts = [
    `"${topic}", from release ${from} to ${to}: ${differing.length} of ${sections.length} sections differ`,
  ];
  for (const section of differing) {
    const { page, movedFrom, heading, change, state } = section;
    const place = movedFrom === null ? page : `${page}, was ${movedFrom}`;
    const moved = state.from !== state.to ? [`  state: ${state.from ?? "none"} -> ${state.to ?? "none"}`] : [];
    parts.push(
      [
        `${change}: ${heading.join(" > ")} (${place})`,
        ...moved,
        ...diffLines("-", section.removed),
        ...diffLines("+", section.added),
      ].join("\n"),
    );
  }
  if (same.length > 0)
    parts.push(["the same:", ...same.map(({ page, heading }) => `  ${heading.join(" > ")} (${page})`)].join("\n"));
  return parts.join("\n\n");
}

function diffLines(sign: string, lines: string[]): string[] {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `  ${sign} ${shortened(line)}`);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `  ${sign} (${more} more; --json gives all)`] : shown;
}

function shortened(line: string): string {
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
