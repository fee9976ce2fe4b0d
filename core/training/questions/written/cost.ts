import { STYLES } from "../../../artifacts/written.ts";
import { CANDIDATES } from "./grade.ts";

/** Tokens of the two prompts and replies, by their lengths at four characters a token. */
const WRITING = { prompt: 450, passage: 300, reply: 25 };
const GRADING = { prompt: 200, passage: 220, reply: 25 };

/** LLM calls and tokens that written questions may cost, at most: replies that are kept from earlier runs cost nothing. */
export interface WrittenCost {
  calls: number;
  tokensIn: number;
  tokensOut: number;
}

export function costOf(questions: number): WrittenCost {
  const written = WRITING.prompt + WRITING.passage;
  const graded = GRADING.prompt + CANDIDATES * GRADING.passage;
  return {
    calls: 2 * questions,
    tokensIn: questions * (written + graded),
    tokensOut: questions * (WRITING.reply + GRADING.reply),
  };
}

/** One sentence for people, or null for a run that has no questions written. */
export function describeCost({ written: questions, budget }: { written?: number; budget?: number }): string | null {
  if (!questions || budget === 0) return null;
  const { calls, tokensIn, tokensOut } = costOf(questions);
  const round = (count: number) => Number(count.toPrecision(2)).toLocaleString("en-US");
  return `The LLM writes ${questions} questions in ${STYLES.length} styles and grades ${CANDIDATES} passages for each: at most ${round(calls)} calls with about ${round(tokensIn)} tokens in and ${round(tokensOut)} out.`;
}
