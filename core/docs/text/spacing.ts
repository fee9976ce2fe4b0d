/** Text with each run of white space as one blank, and none at its ends. */
export function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
