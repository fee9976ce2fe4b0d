import type { TermStatistics, WeightedTerm } from "./termStatistics.ts";
import { queryTerms, tokenize } from "./tokenize.ts";

/**
 * Pseudo-relevance feedback: the best passages of a first search add their rarest words and part of their vectors to
 * the question. Words follow a relevance model of terms (RM3: Abdul-Jaleel et al., TREC 2004), vectors follow Rocchio
 * (1971). Chosen on a third of k8s-dev, where neighbouring settings hardly differ.
 */
export const FEEDBACK = {
  /** Passages that contribute. */
  passages: 5,
  /** Words taken from these passages. */
  terms: 10,
  /** Total weight of these words, relative to the summed idf of the question's own rarest terms. */
  termWeight: 0.6,
  /** Length of the passages' mean vector before it is added to the question's unit vector. */
  vectorWeight: 0.6,
  /** Difference of fused scores at which a passage contributes e times as much. */
  temperature: 0.1,
};
/** Shorter terms are mostly numbers and letters of lists. */
const SHORTEST_TERM = 3;

/** A contributing passage: its fused score, its text as indexed by BM25, and the unit vector of its nearest window. */
export interface Lender {
  score: number;
  text: string;
  vector: Float32Array;
}

/** The question's vector moved towards the lenders' vectors; unit vector of [dim]. */
export function expandedVector(vector: Float32Array, lenders: readonly Lender[]): Float32Array {
  const expanded = Float32Array.from(vector);
  const shares = sharesOf(lenders);
  for (const [at, lender] of lenders.entries()) {
    const weight = FEEDBACK.vectorWeight * shares[at]!;
    for (let i = 0; i < expanded.length; i++) expanded[i] = expanded[i]! + weight * lender.vector[i]!;
  }
  const norm = Math.sqrt(expanded.reduce((sum, x) => sum + x * x, 0)) || 1;
  return expanded.map((x) => x / norm);
}

/** Words that the lenders use and the question does not, with weights instead of idf, highest weight first. */
export function feedbackTerms(
  question: string,
  lenders: readonly Lender[],
  corpus: Pick<TermStatistics, "idfOf" | "tellingIdf">,
): WeightedTerm[] {
  const own = queryTerms(question);
  const asked = new Set(own);
  const shares = sharesOf(lenders);
  const likelihoods = new Map<string, number>();
  for (const [at, { text }] of lenders.entries()) {
    const terms = tokenize(text);
    for (const term of terms) {
      if (term.length < SHORTEST_TERM || asked.has(term)) continue;
      likelihoods.set(term, (likelihoods.get(term) ?? 0) + shares[at]! / terms.length);
    }
  }
  const telling = Array.from(likelihoods, ([term, likelihood]) => ({ term, weight: likelihood * corpus.idfOf(term) }))
    .sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1))
    .slice(0, FEEDBACK.terms);
  const total = telling.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const budget = FEEDBACK.termWeight * corpus.tellingIdf(question);
  return telling.map(({ term, weight }) => ({ term, weight: (budget * weight) / total }));
}

/** Softmax of the lenders' scores. */
function sharesOf(lenders: readonly Lender[]): number[] {
  const top = Math.max(...lenders.map(({ score }) => score));
  const exps = lenders.map(({ score }) => Math.exp((score - top) / FEEDBACK.temperature));
  const sum = exps.reduce((total, x) => total + x, 0);
  return exps.map((x) => x / sum);
}
