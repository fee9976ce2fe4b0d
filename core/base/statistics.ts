/** Spearman's rank correlation; ties get their mean rank. 1 for fewer than two items. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  if (a.length < 2) return 1;
  const [x, y] = [ranks(a), ranks(b)];
  const centre = (a.length + 1) / 2;
  const product = (p: number[], q: number[]) => p.reduce((sum, _, i) => sum + (p[i]! - centre) * (q[i]! - centre), 0);
  const scale = Math.sqrt(product(x, x) * product(y, y));
  return scale === 0 ? Number(product(x, x) === product(y, y)) : product(x, y) / scale;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const found = new Array<number>(values.length);
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[first]!]) last++;
    for (let i = first; i <= last; i++) found[order[i]!] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return found;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** The standard deviation; 0 without values. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - centre) ** 2)));
}
