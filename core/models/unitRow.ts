/**
 * Writes the mean direction of `states`, float32 [tokens, dim] row-major, to `into` [dim] at unit length. The sum has
 * the direction of the mean, so it is not divided. No tokens, or states that cancel out, give zeros.
 */
export function unitRow(states: Float32Array, into: Float32Array): void {
  const dim = into.length;
  const sums = new Float64Array(dim);
  for (let at = 0; at < states.length; at += dim) for (let i = 0; i < dim; i++) sums[i]! += states[at + i]!;
  const length = Math.sqrt(sums.reduce((sum, x) => sum + x * x, 0));
  for (let i = 0; i < dim; i++) into[i] = length === 0 ? 0 : sums[i]! / length;
}
