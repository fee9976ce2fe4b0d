const OPENING = "<think>";

/** The text without the reasoning that locally served models put before the answer. */
export function withoutThoughts(text: string): string {
  return text.replace(/^\s*<think>[\s\S]*?<\/think>/, "");
}

/** The part of an unfinished reply that is surely answer, not reasoning: empty while that cannot be known. */
export function answerSoFar(text: string): string {
  const answer = withoutThoughts(text).trimStart();
  return answer.startsWith(OPENING) || OPENING.startsWith(answer) ? "" : answer;
}
