import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import { readFirstRows } from "../../artifacts/passages.ts";
import { isHeldElsewhere, readIndexMeta } from "../../artifacts/searchIndex.ts";
import { openVectors } from "../../artifacts/vectors.ts";
import { passageInput } from "../../docs/passageText.ts";
import { windowText } from "../../docs/windows.ts";
import { Bm25Index } from "../../retrieval/bm25.ts";
import { buildBm25 } from "../../retrieval/bm25Builder.ts";
import { cosineScale } from "../../retrieval/cosineScale.ts";
import { WindowVectors } from "../../retrieval/windowVectors.ts";
import type { Random } from "../questions/phrasing.ts";
import type { TrainingQuestion } from "../questions/question.ts";
import type { TrainingCorpus } from "../trainingCorpus.ts";
import { MINING_DEFAULTS, type MiningOptions, NegativeMiner, teacherScore } from "./negatives.ts";

/** Share of heading-question groups that are trained without the passages' leaf headings. */
const WITHOUT_LEAF = 0.5;
/** Passages a group needs to teach an order. */
const SMALLEST = 3;
/** Candidates retrieved beyond the mined range, so that the range stays full when some pages are excluded. */
const SPARE = 20;

/** Number of candidates to retrieve for a question. */
export function candidatesWanted({ lastRank }: MiningOptions = MINING_DEFAULTS): number {
  return lastRank + SPARE;
}

/** The part of a retriever (core/retrieval) that mining uses. */
export interface CandidateSource {
  retrieveWithVector(question: string, vector: Float32Array, k: number): Promise<{ position: number }[]>;
}

export interface GroupSources {
  corpus: TrainingCorpus;
  retriever: CandidateSource;
  windows: Pick<WindowVectors, "nearest">;
  bm25: Pick<Bm25Index, "scoreAll">;
}

/** Scores any passage for a question with both retrievers, on the teacher's scale. */
export function teacherFor(
  sources: GroupSources,
  question: string,
  vector: Float32Array,
): (position: number) => number {
  const lexical = sources.bm25.scoreAll(question);
  return (position) => teacherScore(sources.windows.nearest(position, vector).cosine, lexical[position]!);
}

/**
 * Opens what mining scores with, over a corpus. Passages and vectors are read from their files, wherever the corpus is
 * searched. The caller closes it.
 */
export async function openGroupSources(
  corpus: TrainingCorpus,
  retriever: GroupSources["retriever"],
  dirs: CorpusDirs,
): Promise<GroupSources & { close(): void }> {
  const meta = await readIndexMeta(dirs.buildIndexDir);
  const bm25 = isHeldElsewhere(meta) ? buildBm25(corpus.passages.values()) : await Bm25Index.load(dirs.buildIndexDir);
  const firstRows = await readFirstRows(dirs.ingestDir, corpus.passages.length);
  const vectors = await openVectors(dirs.embedDirs);
  const windows = new WindowVectors(firstRows, vectors, cosineScale(meta.cosines));
  return { corpus, retriever, windows, bm25, close: () => vectors.close() };
}

/** Makes groups of one positive, hard negatives and random negatives. `miner.counts` reports the skipped candidates. */
export class GroupBuilder {
  readonly miner: NegativeMiner;

  /** @param allowed pages whose passages may be negatives. */
  constructor(
    private readonly sources: GroupSources,
    allowed: (page: string) => boolean,
    private readonly options: MiningOptions = MINING_DEFAULTS,
  ) {
    this.miner = new NegativeMiner(sources.corpus, options, allowed);
  }

  /** The question's group with teacher scores, or null if too few negatives are left. @param vector of the question. */
  async build(question: TrainingQuestion, vector: Float32Array, random: Random): Promise<TrainingGroup | null> {
    const { corpus, retriever, windows } = this.sources;
    const score = teacherFor(this.sources, question.text, vector);
    const retrieved = await retriever.retrieveWithVector(question.text, vector, candidatesWanted(this.options));
    const candidates = retrieved.map(({ position }) => ({ position, score: score(position) }));
    const most = this.options.hard + this.options.random;
    const opposed = (question.opposed ?? []).slice(0, most);
    const mined = this.miner.hardNegatives(question, candidates, score(question.position), random);
    const hard = [...opposed, ...mined.filter((position) => !opposed.includes(position))].slice(0, most);
    const others = this.miner.randomNegatives(question, most - hard.length, hard, random);
    const positions = [question.position, ...hard, ...others];
    if (positions.length < SMALLEST) return null;
    const withoutLeaf = question.fromHeading && random() < WITHOUT_LEAF;
    return {
      question: question.text,
      passages: positions.map((position, index) => {
        const passage = corpus.passages.at(position)!;
        const { heading } = passage;
        const answering = index === 0 ? question.window : null;
        const window = answering ?? windows.nearest(position, vector).window;
        const reduced = index === 0 ? question.reducedText : null;
        const shown = reduced ?? windowText(passage, window);
        return passageInput({ heading: withoutLeaf ? heading.slice(0, -1) : heading, text: shown });
      }),
      teacher: positions.map((position) => Number(score(position).toFixed(4))),
    };
  }
}
