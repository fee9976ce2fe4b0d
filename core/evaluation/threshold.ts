/** One question as the abstention rule sees it. */
export interface Decidable {
  id: string;
  /** The docs hold an answer. */
  answerable: boolean;
  /** A judged passage was among the candidates. */
  retrieved: boolean;
  /** Highest relevance among the candidates, 0..1; below the threshold the question is refused. */
  best: number;
}

export interface AbstentionRates {
  /** Answered though unanswerable, of all unanswerable. */
  falseAnswerRate: number | null;
  /** Refused though a judged passage was retrieved, of all such questions. */
  falseRefusalRate: number | null;
}

/** True when nothing among the candidates reaches the threshold. */
export function refuses(threshold: number, best: number): boolean {
  return best < threshold;
}

/**
 * Threshold on relevance that minimises false-answer rate + false-refusal rate; the middle of the best gap, and the
 * lower one of equals. With only one kind of question there is nothing to weigh: 0.5. A target needs no answerable ones.
 * @param targetFalseAnswerRate take instead the lowest threshold that keeps the false-answer rate within it
 */
export function chooseThreshold(questions: readonly Decidable[], targetFalseAnswerRate?: number): number {
  const rates = (threshold: number) => abstentionRates(questions, () => threshold);
  const start = rates(0);
  if (start.falseAnswerRate === null) return 0.5;
  const scores = [...new Set(questions.map((q) => q.best))].sort((a, b) => a - b);
  const cuts = [0, ...scores.slice(1).map((score, i) => (score + scores[i]!) / 2), 1];
  if (targetFalseAnswerRate !== undefined)
    return cuts.find((cut) => rates(cut).falseAnswerRate! <= targetFalseAnswerRate) ?? 1;
  if (start.falseRefusalRate === null) return 0.5;
  let best = { cut: 0.5, cost: Number.POSITIVE_INFINITY };
  for (const cut of cuts) {
    const { falseAnswerRate, falseRefusalRate } = rates(cut);
    const cost = falseAnswerRate! + falseRefusalRate!;
    if (cost < best.cost - 1e-12) best = { cut, cost };
  }
  return best.cut;
}

/** Rates under a threshold that may differ by question (each fold's own). `null` where no question could err so. */
export function abstentionRates<Q extends Decidable>(
  questions: readonly Q[],
  thresholdOf: (question: Q) => number,
): AbstentionRates {
  const refused = (q: Q) => refuses(thresholdOf(q), q.best);
  const unanswerable = questions.filter((q) => !q.answerable);
  const findable = questions.filter((q) => q.answerable && q.retrieved);
  return {
    falseAnswerRate: share(unanswerable, (q) => !refused(q)),
    falseRefusalRate: share(findable, refused),
  };
}

/** Probability that a positive scores above a negative, ties counting half. `null` without both. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  let wins = 0;
  for (const p of positives) for (const n of negatives) wins += p > n ? 1 : p === n ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}

/** Share of the items that pass the test, 0..1; `null` without items. */
export function share<T>(items: readonly T[], test: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(test).length / items.length;
}
