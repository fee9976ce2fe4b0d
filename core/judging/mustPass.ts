import { rankJudgments } from "./relevance.ts";
import type { ScoredQuestion } from "./scored.ts";
import type { Served, ServedQuestion } from "./served.ts";

/** Depth within which a must-pass question needs a judged passage. */
const DEPTH = 10;

/**
 * Ids of must-pass questions that the release passes: not refused, with a judged passage among the first ten; or not
 * answered if the docs hold no answer. An unsure answer says what it is, so it fails neither.
 */
export function mustPassPassed(questions: readonly ScoredQuestion[], served: Served): Set<string> {
  const passed = questions.filter((q, i) => q.mustPass && passes(q, served.asServed[i]!));
  return new Set(passed.map((q) => q.id));
}

/** Must-pass questions that the champion passed and the candidate fails, or whose evidence is gone. */
export function mustPassLost(championPassed: Iterable<string>, passed: ReadonlySet<string>): string[] {
  return [...championPassed].filter((id) => !passed.has(id)).sort();
}

function passes(question: ScoredQuestion, served: ServedQuestion): boolean {
  if (!question.answerable) return served.decision !== "answer";
  if (served.decision === "refuse") return false;
  const ranking = served.order.slice(0, DEPTH).map((i) => question.candidates[i]!.position);
  return rankJudgments(question.judgments, ranking).some((judgment) => judgment.rank !== null);
}
