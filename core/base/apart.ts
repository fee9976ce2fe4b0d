const FEWEST_DIGITS = 3;
const MOST_DIGITS = 6;

/** Two numbers with as few digits as show that they differ, at least three: 0.26012 and 0.26034 give `0.2601` and `0.2603`. */
export function apart(a: number, b: number): [string, string] {
  let digits = FEWEST_DIGITS;
  while (a !== b && a.toFixed(digits) === b.toFixed(digits) && digits < MOST_DIGITS) digits++;
  return [a.toFixed(digits), b.toFixed(digits)];
}
