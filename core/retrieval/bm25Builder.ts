import type { Bm25Settings } from "../artifacts/bm25File.ts";
import { BM25_DEFAULTS, Bm25Index } from "./bm25.ts";
import { frequencyOf, impactOf, meanLength } from "./termImpact.ts";
import { tokenize } from "./tokenize.ts";

/** The fields of a passage that BM25 indexes. */
export interface Bm25Document {
  heading: string[];
  text: string;
}

/** A growing array of numbers with amortised constant cost per append. */
class GrowingUint32 {
  private values = new Uint32Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  get(at: number): number {
    return this.values[at]!;
  }
}

/** Collects passages one at a time, in passage order, then builds the index. */
export class Bm25Builder {
  private readonly ids = new Map<string, number>();
  private readonly postingTerm = new GrowingUint32();
  private readonly postingPosition = new GrowingUint32();
  /** Frequencies in heading trail and text, 16 bits each. */
  private readonly postingFrequency = new GrowingUint32();
  private readonly titleLength = new GrowingUint32();
  private readonly textLength = new GrowingUint32();

  constructor(private readonly settings: Bm25Settings = BM25_DEFAULTS) {}

  add(document: Bm25Document): void {
    const position = this.textLength.length;
    const title = tokenize(document.heading.join("\n"));
    const text = tokenize(document.text);
    const frequencies = new Map<number, number>();
    for (const term of title) this.count(frequencies, term, 1 << 16);
    for (const term of text) this.count(frequencies, term, 1);
    for (const [term, frequency] of frequencies) {
      this.postingTerm.push(term);
      this.postingPosition.push(position);
      this.postingFrequency.push(frequency);
    }
    this.titleLength.push(title.length);
    this.textLength.push(text.length);
  }

  build(): Bm25Index {
    const terms = [...this.ids.keys()].sort();
    const rank = new Uint32Array(terms.length);
    terms.forEach((term, place) => {
      rank[this.ids.get(term)!] = place;
    });
    const offsets = this.offsetsBy(rank);
    const next = offsets.slice();
    const positions = new Uint32Array(this.postingTerm.length);
    const impacts = new Float32Array(this.postingTerm.length);
    const impact = this.impactFunction();
    for (let at = 0; at < positions.length; at++) {
      const term = rank[this.postingTerm.get(at)]!;
      const slot = next[term]!;
      next[term] = slot + 1;
      positions[slot] = this.postingPosition.get(at);
      impacts[slot] = impact(at);
    }
    return new Bm25Index({
      settings: this.settings,
      count: this.textLength.length,
      terms,
      offsets,
      positions,
      impacts,
    });
  }

  private count(frequencies: Map<number, number>, term: string, unit: number): void {
    let id = this.ids.get(term);
    if (id === undefined) this.ids.set(term, (id = this.ids.size));
    frequencies.set(id, (frequencies.get(id) ?? 0) + unit);
  }

  private offsetsBy(rank: Uint32Array): Uint32Array {
    const offsets = new Uint32Array(rank.length + 1);
    for (let at = 0; at < this.postingTerm.length; at++) {
      const after = rank[this.postingTerm.get(at)]! + 1;
      offsets[after] = offsets[after]! + 1;
    }
    for (let term = 0; term < rank.length; term++) offsets[term + 1] = offsets[term + 1]! + offsets[term]!;
    return offsets;
  }

  /** Weight of a posting: `f (k1 + 1) / (f + k1)`, with `f` the weighted sum of length-normalised frequencies. */
  private impactFunction(): (at: number) => number {
    const mean = { title: meanOf(this.titleLength), text: meanOf(this.textLength) };
    return (at) => {
      const position = this.postingPosition.get(at);
      const packed = this.postingFrequency.get(at);
      const length = { title: this.titleLength.get(position), text: this.textLength.get(position) };
      const frequency = frequencyOf({ title: packed >>> 16, text: packed & 0xffff }, length, mean, this.settings);
      return impactOf(frequency, this.settings);
    };
  }
}

/** Builds the index over passages in order. */
export function buildBm25(documents: Iterable<Bm25Document>, settings?: Bm25Settings): Bm25Index {
  const builder = new Bm25Builder(settings);
  for (const document of documents) builder.add(document);
  return builder.build();
}

function meanOf(lengths: GrowingUint32): number {
  let sum = 0;
  for (let at = 0; at < lengths.length; at++) sum += lengths.get(at);
  return meanLength(sum, lengths.length);
}
