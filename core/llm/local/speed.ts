import type { Speed } from "./protocol.ts";

/** An answer reads about this many tokens of passages, and writes about that many. */
const ANSWER = { read: 1500, write: 120 };
/** A caller waits a minute for an answer. */
const LONGEST_ANSWER_S = 55;

/** Seconds of one answer at this speed; infinite if the model wrote nothing. */
export function answerSeconds({ reads, writes }: Speed): number {
  return ANSWER.read / reads + ANSWER.write / writes;
}

export function describeSpeed(speed: Speed): string {
  if (speed.writes === 0) return "no word within the time of the speed test";
  return `${tokens(speed.writes)}, about ${Math.max(1, Math.round(answerSeconds(speed)))} s for an answer`;
}

/**
 * Why a model is too slow to answer here, or null: it writes less than `minSpeed` tokens a second, or a whole answer
 * takes longer than a caller waits. With `minSpeed` 0 none is too slow.
 */
export function tooSlow(speed: Speed, minSpeed: number): string | null {
  if (minSpeed === 0) return null;
  if (speed.writes >= minSpeed && answerSeconds(speed) <= LONGEST_ANSWER_S) return null;
  return `${describeSpeed(speed)}: too slow here (WINNOW_LLM_MIN_SPEED=0 uses it all the same)`;
}

function tokens(writes: number): string {
  return `${writes < 10 ? writes.toFixed(1) : Math.round(writes)} tokens/s`;
}
