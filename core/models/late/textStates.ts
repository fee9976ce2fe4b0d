import { createHash } from "node:crypto";
import type { Tensor } from "../../onnx/runtime.ts";
import type { EncodedText } from "../batches.ts";
import type { LayersApart } from "../network.ts";
import type { StatesInMemory } from "./keptStates.ts";
import { bytesOf, packStates, type TokenStates, unpackStates } from "./tokenStates.ts";

/** Instead of a digest of the layers: the states are kept for one set of layers. */
const LAYERS = "lower";

/** A question or a passage inside a pair. */
interface Text {
  ids: readonly number[];
  typeIds: readonly number[];
}

/**
 * States of the texts of pairs for training, in the form that late joint reranking serves. Texts are computed one by
 * one, so that their states are the same bits whatever they are computed with and whatever is kept.
 */
export class TextStates {
  constructor(
    private readonly apart: LayersApart,
    /** Of these layers alone. */
    private readonly kept: StatesInMemory,
    /** The states of one text, float32 [tokens, hidden]. */
    private readonly compute: (text: EncodedText) => Promise<Float32Array>,
  ) {}

  /** The states of all tokens of encoded pairs, one pair after the other: float32 [tokens, hidden]. */
  async of(rows: readonly EncodedText[]): Promise<Tensor> {
    const texts = rows.flatMap((row) => this.textsOf(row));
    const { hidden } = this.apart;
    const tokens = texts.reduce((sum, { ids }) => sum + ids.length, 0);
    const data = new Float32Array(tokens * hidden);
    let at = 0;
    for (const text of texts) {
      unpackStates(await this.packed(text), text.ids.length, data.subarray(at));
      at += text.ids.length * hidden;
    }
    return { type: "float32", dims: [tokens, hidden], data };
  }

  private textsOf(row: EncodedText): Text[] {
    const sides = this.apart.sides(row);
    const start = sides.indexOf(1);
    if (start < 0) return [{ ids: row.ids, typeIds: sides }];
    return [
      { ids: row.ids.slice(0, start), typeIds: sides.slice(0, start) },
      { ids: row.ids.slice(start), typeIds: sides.slice(start) },
    ];
  }

  private async packed(text: Text): Promise<TokenStates> {
    const { ids, typeIds } = text;
    const key = createHash("sha256")
      .update(Int32Array.of(typeIds[0]!, ...ids))
      .digest("hex");
    const { hidden } = this.apart;
    const found = this.kept.find(LAYERS, key, bytesOf(ids.length, hidden));
    if (found) return found;
    const states = packStates(await this.compute(text), ids.length, hidden);
    this.kept.keep(LAYERS, key, states);
    return states;
  }
}
