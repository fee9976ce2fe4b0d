/** Grades run from 0 to this. */
const HIGHEST = 3;

/**
 * Cohen's kappa with quadratic weights between two readers' grades of the same candidates: 1 is full agreement, 0 that
 * of chance. NaN if neither reader ever varied.
 */
export function weightedKappa(pairs: readonly (readonly [number, number])[]): number {
  const share = (reader: 0 | 1, grade: number) => pairs.filter((pair) => pair[reader] === grade).length / pairs.length;
  const weight = (a: number, b: number) => ((a - b) / HIGHEST) ** 2;
  const observed = pairs.reduce((sum, [a, b]) => sum + weight(a, b), 0) / pairs.length;
  const grades = Array.from({ length: HIGHEST + 1 }, (_, grade) => grade);
  const expected = grades.flatMap((a) => grades.map((b) => share(0, a) * share(1, b) * weight(a, b)));
  return 1 - observed / expected.reduce((sum, value) => sum + value, 0);
}
