/** Of English, code and JSON about four; other scripts have fewer. */
const BYTES_PER_TOKEN = 3;

/** Tokens of a value as JSON, estimated rather high. */
export function tokensOf(value: unknown): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(value)) / BYTES_PER_TOKEN);
}

/**
 * The result of `build` with as many passages as fit into `maxTokens`: whole ones are left out from the end, and `note`
 * says so.
 *
 * @param build makes the result from the first `kept` of `count` passages and a note; its size grows with `kept`
 */
export function withinBudget<R>(count: number, maxTokens: number, build: (kept: number, note: string | null) => R): R {
  const made = (kept: number) => build(kept, kept === count ? null : noteOn(count, kept, maxTokens));
  const fits = (kept: number) => tokensOf(made(kept)) <= maxTokens;
  if (fits(count)) return made(count);
  let [most, tooMany] = [0, count];
  while (tooMany - most > 1) {
    const middle = (most + tooMany) >> 1;
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  if (most > 0) return made(most);
  const needed = tokensOf(made(Math.min(1, count)));
  return build(0, `The first of ${count} passages needs about ${needed} tokens: set maxTokens to that, or more.`);
}

function noteOn(count: number, kept: number, maxTokens: number): string {
  return `${count - kept} of ${count} passages are left out, the last ones, to stay within ${maxTokens} tokens. Set a larger maxTokens to get them.`;
}
