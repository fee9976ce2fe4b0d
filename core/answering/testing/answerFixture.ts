import type { RankedPassage, SearchResult } from "../../../contracts/passage.ts";
import type { Llm } from "../../llm/llm.ts";
import type { Asked } from "../asked.ts";
import type { Tools } from "../modes/mode.ts";
import { coverage } from "../wordOverlap.ts";

/** A ranked passage for tests, served in the order of `n`, with the given relevance. */
export function rankedPassage(n: number, text: string, relevance: number, heading = [`Page ${n}`]): RankedPassage {
  return {
    id: `p${n}`,
    page: `page${n}.md`,
    heading,
    url: `https://docs.example/page${n}/`,
    lines: [n + 1, n + 9],
    text,
    window: 0,
    scores: { bm25: 10 - n, cosine: 0.5, fused: 1 / (60 + n), logit: null, relevance },
    rank: { retrieval: n, served: n },
  };
}

/** The last of these does not reach the threshold of `askedOf`. */
export const jobPassages = [
  rankedPassage(1, "Set `ttlSecondsAfterFinished` to remove finished Jobs after a while.", 0.9),
  rankedPassage(2, "A CronJob keeps three finished Jobs.", 0.5),
  rankedPassage(3, "Pods of a Job stay until the Job is removed.", 0.4),
  rankedPassage(4, "Nodes run Pods.", 0.1),
];

export function askedOf(question: string, passages: RankedPassage[], threshold = 0.3): Asked {
  const abstain = passages.every((passage) => passage.scores.relevance < threshold);
  const limits = { refuse: threshold, answer: threshold };
  const search: SearchResult = {
    release: "abc123abc123",
    ranking: "retrieval",
    passages,
    threshold,
    limits,
    abstain,
    unsure: false,
  };
  return { question, corpus: "sample", search, passages: 2, states: [] };
}

/** The same where the best passage lies between the limits: all from relevance 0.3 on may be quoted. */
export function unsureOf(question: string, passages: RankedPassage[]): Asked {
  const asked = askedOf(question, passages);
  return {
    ...asked,
    search: { ...asked.search, threshold: 0.92, limits: { refuse: 0.3, answer: 0.95 }, unsure: true },
  };
}

/** Tools for a mode, with or without a model. */
export function toolsOf(llm: Llm | null = null): Tools {
  return { similarities: wordScorer, llm, failure: null };
}

/** Replaces the embedder: shared words instead of cosine. */
export async function wordScorer(question: string, sentences: string[]): Promise<number[]> {
  return sentences.map((sentence) => coverage(question, sentence));
}
