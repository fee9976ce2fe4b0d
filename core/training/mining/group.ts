import type { TrainingGroup } from "../../artifacts/groups.ts";

/** The target scores for margins: those of an external teacher if given, otherwise the retriever's. */
export function marginScores({ scores, teacher }: TrainingGroup): number[] | undefined {
  return scores ?? teacher;
}

/** The group reduced to the passages at `places`, in that order. */
export function withPassages(
  { question, passages, teacher, scores, prior }: TrainingGroup,
  places: number[],
): TrainingGroup {
  const pick = <T>(list: T[]) => places.map((place) => list[place]!);
  return {
    question,
    passages: pick(passages),
    ...(teacher ? { teacher: pick(teacher) } : {}),
    ...(scores ? { scores: pick(scores) } : {}),
    ...(prior ? { prior: pick(prior) } : {}),
  };
}
