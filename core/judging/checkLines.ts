import type { Passage } from "../../contracts/passage.ts";
import { type NearestTarget, nearestTargets } from "./nearestTarget.ts";
import type { Judgment, Question } from "./question.ts";
import { NOT_JUDGED, type QuestionSetLine } from "./questionSet.ts";
import { createJudge } from "./relevance.ts";

/** A judgment whose page, section or evidence these docs lack. */
export interface GoneJudgment {
  path: string;
  heading: string;
  lacks: "page" | "section" | "evidence";
  nearest: NearestTarget | null;
}

/** A line of a question set that needs a change. */
export interface LineFinding {
  /** Line number from 1; null for a question of a folder. */
  line: number | null;
  id: string | null;
  /**
   * `malformed`: no question. `not judged`: a draft that a person has to judge. `stale`: no judgment that answers it is left, so it is not scored. `partly stale`: it is
   * scored on the judgments left.
   */
  state: "malformed" | "not judged" | "stale" | "partly stale";
  /** The problem of a malformed line or of a draft, otherwise null. */
  problem: string | null;
  gone: GoneJudgment[];
}

/** The lines of a question set that are malformed, or whose judgments name what these docs lack. */
export function checkLines(lines: Iterable<QuestionSetLine>, passages: readonly Passage[]): LineFinding[] {
  const judge = createJudge(passages);
  const nearest = nearestTargets(passages);
  const goneOf = (judgment: Judgment): GoneJudgment[] => {
    const lacks = judge.lacks(judgment);
    const { path, heading } = judgment;
    return lacks === null ? [] : [{ path, heading, lacks, nearest: nearest(judgment) }];
  };
  const findingOf = (line: number | null, question: Question): LineFinding[] => {
    const gone = question.relevant.flatMap(goneOf);
    if (gone.length === 0) return [];
    const state = judge.resolve(question).stale ? "stale" : "partly stale";
    return [{ line, id: question.id, state, problem: null, gone }];
  };
  return [...lines].flatMap(({ line, question, problem }): LineFinding[] =>
    question
      ? findingOf(line, question)
      : [{ line, id: null, state: problem === NOT_JUDGED ? "not judged" : "malformed", problem, gone: [] }],
  );
}
