import type { TrainingGroup } from "../../artifacts/groups.ts";

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
