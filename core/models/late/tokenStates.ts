const LARGEST = 127;

/**
 * States of one text as 8-bit integers with one scale for each token, in one buffer: the scales, float32 [tokens], then
 * the values, int8 [tokens, hidden].
 */
export type TokenStates = Uint8Array<ArrayBuffer>;

export function bytesOf(tokens: number, hidden: number): number {
  return tokens * (Float32Array.BYTES_PER_ELEMENT + hidden);
}

/** Rounds states, float32 [tokens, hidden], each token by its own largest value as an int8 twin does. */
export function packStates(states: Float32Array, tokens: number, hidden: number): TokenStates {
  const packed = new Uint8Array(bytesOf(tokens, hidden));
  const { scales, values } = viewsOf(packed, tokens);
  for (let token = 0; token < tokens; token++) {
    const start = token * hidden;
    let largest = 0;
    for (let at = start; at < start + hidden; at++) largest = Math.max(largest, Math.abs(states[at]!));
    const scale = largest / LARGEST;
    scales[token] = scale;
    const inverse = scale > 0 ? 1 / scale : 0;
    for (let at = start; at < start + hidden; at++) values[at] = Math.round(states[at]! * inverse);
  }
  return packed;
}

/** Writes packed states to `states`, float32 [tokens, hidden]. */
export function unpackStates(packed: TokenStates, tokens: number, states: Float32Array): void {
  const { scales, values } = viewsOf(packed, tokens);
  const hidden = values.length / tokens;
  for (let token = 0, at = 0; token < tokens; token++) {
    const scale = scales[token]!;
    for (const end = at + hidden; at < end; at++) states[at] = values[at]! * scale;
  }
}

/** Scales and values of packed states, without a copy. */
export function viewsOf(packed: TokenStates, tokens: number): { scales: Float32Array; values: Int8Array } {
  const { buffer, byteOffset, byteLength } = packed;
  const values = byteOffset + tokens * Float32Array.BYTES_PER_ELEMENT;
  return {
    scales: new Float32Array(buffer, byteOffset, tokens),
    values: new Int8Array(buffer, values, byteOffset + byteLength - values),
  };
}
