import type { Ranking } from "../../../contracts/passage.ts";
import type { Calibration, Calibrations, Feature } from "../../judging/calibration.ts";
import type { Candidate } from "../../retrieval/retriever.ts";
import { passagesInMemory } from "../../retrieval/testing/passagesInMemory.ts";
import { Engine } from "../engine.ts";

const BEST_BM25 = 20;

/** A candidate of one page, with its name as text. */
export function candidate(name: string, rank: number, cosine: number, bm25: number): Candidate {
  const passage = {
    id: name,
    page: `${name}.md`,
    heading: ["Page"],
    url: `/${name}`,
    lines: [1, 2] as [number, number],
    text: name,
  };
  return {
    passage,
    window: 0,
    position: rank,
    bm25,
    bm25Share: bm25 / BEST_BM25,
    cosine,
    fused: 1 / (60 + rank),
    rank,
  };
}

/** relevance = sigmoid of the plain sum of the features. */
function plainSum(features: Feature[], threshold: number): Calibration {
  const each = (value: number) => features.map(() => value);
  const fittedOn = { questions: 1, pairs: 1, relevant: 1 };
  const top = { slope: 1, intercept: 0 };
  const model = { mean: each(0), scale: each(1), weights: each(1), bias: 0 };
  const limits = { refuse: threshold, answer: threshold };
  return { features, ...model, top, logitWeight: features.includes("logit") ? 1 : null, threshold, limits, fittedOn };
}

export const CALIBRATIONS: Calibrations = {
  reranked: plainSum(["logit", "cosine", "bm25Share"], 0.9),
  retrieval: plainSum(["cosine", "bm25Share"], 0.6),
  logit: null,
  precision: "float32",
};

const THREE = [candidate("a", 1, 0.6, 10), candidate("b", 2, 0.5, 4), candidate("c", 3, 0.5, 4)];

/** The engine over scripted models and a scripted index. @param logits by text of the passage */
export function engine(
  ranking: Ranking,
  logits: Record<string, number> = {},
  calibrations = CALIBRATIONS,
  candidates = THREE,
): Engine {
  return new Engine({
    release: "r1",
    ranking,
    calibrations,
    retriever: {
      ...passagesInMemory(candidates.map(({ passage }) => passage)),
      retrieve: async (_, k) => candidates.slice(0, k),
      scaled: (cosine) => cosine,
      close() {},
    },
    embedder: {
      dim: 2,
      embed: async ({ questions = [], passages = [] }) =>
        new Float32Array([...questions, ...passages].flatMap((text) => (text === "across" ? [0, 1] : [0.6, 0.8]))),
      async close() {},
    },
    reranker:
      ranking === "reranked"
        ? {
            score: async (_, texts) => texts.map((text) => logits[text.split("\n")[1]!] ?? 0),
            extent: (_, texts) => ({ questionCut: false, pairs: texts.map(() => ({ tokens: 1, cut: false })) }),
            async close() {},
          }
        : null,
  });
}
