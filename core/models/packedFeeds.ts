import type { Tensor } from "../onnx/runtime.ts";
import type { EncodedText } from "./batches.ts";
import { PADDING_SCORE, type Pooling } from "./tokenLayout.ts";

/** The inputs of `packedLayout` for a batch of sequences. */
export function packedFeeds(rows: readonly EncodedText[], pooling: Pooling): Record<string, Tensor> {
  const length = rows.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
  const tokens = tokensOf(rows);
  const perToken = () => new BigInt64Array(tokens);
  const [ids, positions, segments, slots, sequences] = [perToken(), perToken(), perToken(), perToken(), perToken()];
  const tokenOfSlot = new BigInt64Array(rows.length * length);
  const bias = new Float32Array(rows.length * length).fill(PADDING_SCORE);
  const mask = new Float32Array(rows.length * length);
  const pool = new Float32Array(rows.length * tokens);
  let token = 0;
  rows.forEach((row, i) => {
    pool[i * tokens + token] = 1;
    if (pooling === "mean") pool.fill(1 / row.ids.length, i * tokens + token, i * tokens + token + row.ids.length);
    row.ids.forEach((id, j) => {
      const slot = i * length + j;
      ids[token] = BigInt(id);
      positions[token] = BigInt(j);
      segments[token] = BigInt(row.typeIds?.[j] ?? 0);
      slots[token] = BigInt(slot);
      sequences[token] = BigInt(i);
      tokenOfSlot[slot] = BigInt(token);
      bias[slot] = 0;
      mask[slot] = 1;
      token++;
    });
  });
  const long = (data: BigInt64Array): Tensor => ({ type: "int64", dims: [tokens], data });
  return {
    input_ids: long(ids),
    position_ids: long(positions),
    token_type_ids: long(segments),
    slot_of_token: long(slots),
    sequence_of_token: long(sequences),
    token_of_slot: { type: "int64", dims: [rows.length, length], data: tokenOfSlot },
    slot_mask: { type: "float32", dims: [rows.length * length, 1], data: mask },
    attention_bias: { type: "float32", dims: [rows.length, 1, 1, length], data: bias },
    pool_weights: { type: "float32", dims: [rows.length, tokens], data: pool },
  };
}

export function tokensOf(rows: readonly EncodedText[]): number {
  return rows.reduce((sum, { ids }) => sum + ids.length, 0);
}
