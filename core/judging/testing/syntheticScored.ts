import { seededRandom } from "../../base/random.ts";
import type { TwinScores } from "../int8.ts";
import type { ScoredQuestion } from "../scored.ts";

export interface SyntheticSpec {
  answerable: number;
  unanswerable: number;
  /** Mean logit of the relevant candidate above the others: 0 makes the reranker useless. */
  signal: number;
  /** Mean cosine of the relevant candidate above the others. */
  cosine?: number;
  seed?: number;
  candidates?: number;
}

/** Scored questions with one relevant candidate each, drawn from a seed, for tests and the report's preview. */
export function syntheticScored(spec: SyntheticSpec): ScoredQuestion[] {
  const { answerable, unanswerable, signal, cosine = 0.1, seed = 1, candidates = 12 } = spec;
  const random = seededRandom(seed);
  const noise = () => random() + random() + random() - 1.5;
  return Array.from({ length: answerable + unanswerable }, (_, q) => {
    const isAnswerable = q < answerable;
    const gold = isAnswerable ? Math.floor(random() ** 2 * candidates) : -1;
    const positions = Array.from({ length: candidates }, (__, c) => q * 1000 + c);
    const makeLogits = (strength: number) =>
      positions.map((__, c) => (c === gold ? strength : isAnswerable ? 0 : -strength / 2) + 1.5 * noise());
    const near = q % 2 === 0 ? "unanswerable-near" : "unanswerable-offtopic";
    return {
      id: `q${q}`,
      kind: isAnswerable ? "howto" : near,
      answerable: isAnswerable,
      mustPass: false,
      judgments: isAnswerable ? [{ grade: 2 as const, holders: new Set([positions[gold]!]) }] : [],
      candidates: positions.map((position, c) => ({
        position,
        cosine: (isAnswerable ? 0.5 : 0.3) + (c === gold ? cosine : 0) + 0.1 * noise(),
        bm25Share: 0.4 + 0.2 * noise(),
        fused: 0.9 - 0.02 * c,
        relevant: c === gold,
        judgedPage: isAnswerable && (c === gold || c === (gold + 1) % candidates),
      })),
      rankings: {
        bm25: [...positions].reverse(),
        dense: positions,
        rrf: positions,
        weighted: positions,
        feedback: positions,
      },
      logits: { tuned: makeLogits(signal), champion: makeLogits(signal / 2) },
    };
  });
}

/**
 * The same questions scored by a model and by its twin. The twin's logits are off by up to `error`, and it takes half
 * the time.
 */
export function twinScores(error: number, milliseconds = { float32: 100, int8: 50 }): TwinScores[] {
  const random = seededRandom(2);
  return syntheticScored({ answerable: 60, unanswerable: 10, signal: 3 }).map((question) => {
    const float32 = question.logits.tuned!;
    return { question, logits: { float32, int8: float32.map((x) => x + error * (2 * random() - 1)) }, milliseconds };
  });
}
