/** One training question with its passages: what the cross-encoder learns to put in order. */
export interface TrainingGroup {
  question: string;
  /** Passage inputs (heading trail and text). `[0]` is the positive, the rest are negatives. */
  passages: string[];
  /** Retriever scores of `passages`, same length, on the scale of a logit: what is added to the logit when it serves. */
  teacher?: number[];
  /** Scores of `passages` by a teacher that does not serve, same length: what distillation and marginMse aim at. */
  scores?: number[];
}

/** The scores that margins are learned from: those of a teacher of its own, else the retriever's. */
export function marginScores({ scores, teacher }: TrainingGroup): number[] | undefined {
  return scores ?? teacher;
}

/** The group with the passages at `places` alone, in that order. */
export function withPassages({ question, passages, teacher, scores }: TrainingGroup, places: number[]): TrainingGroup {
  const pick = <T>(list: T[]) => places.map((place) => list[place]!);
  return {
    question,
    passages: pick(passages),
    ...(teacher ? { teacher: pick(teacher) } : {}),
    ...(scores ? { scores: pick(scores) } : {}),
  };
}
