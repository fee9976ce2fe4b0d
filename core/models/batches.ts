import type { Tensor } from "../onnx/runtime.ts";

export interface EncodedText {
  ids: readonly number[];
  /** Segment of each id; all 0 if absent. */
  typeIds?: readonly number[];
  /** True if the text exceeded the limit. */
  cut?: boolean;
}

/**
 * Positions of `lengths` in batches of similar length, longest first. A batch has at most `maxRows` rows and, padded to
 * its longest, at most `maxTokens` tokens, unless a single row exceeds them.
 */
export function batchesByLength(lengths: readonly number[], maxRows: number, maxTokens: number): number[][] {
  const order = lengths.map((_, position) => position).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  for (const position of order) {
    const longest = lengths[current[0] ?? position]!;
    if (current.length === maxRows || (current.length + 1) * longest > maxTokens) {
      if (current.length) batches.push(current);
      current = [];
    }
    current.push(position);
  }
  if (current.length) batches.push(current);
  return batches;
}

/** The encoder's three inputs, int64 [rows, length], zero-padded to the longest row or to `length`. */
export function encoderFeeds(rows: readonly EncodedText[], length = longestOf(rows)): Record<string, Tensor> {
  const dims = [rows.length, length];
  const ids = new BigInt64Array(rows.length * length);
  const mask = new BigInt64Array(rows.length * length);
  const typeIds = new BigInt64Array(rows.length * length);
  rows.forEach((row, i) => {
    row.ids.forEach((id, j) => {
      ids[i * length + j] = BigInt(id);
      mask[i * length + j] = 1n;
      typeIds[i * length + j] = BigInt(row.typeIds?.[j] ?? 0);
    });
  });
  return {
    input_ids: { type: "int64", dims, data: ids },
    attention_mask: { type: "int64", dims, data: mask },
    token_type_ids: { type: "int64", dims, data: typeIds },
  };
}

function longestOf(rows: readonly EncodedText[]): number {
  return rows.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
}
