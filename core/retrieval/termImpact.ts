import type { Bm25Settings } from "../artifacts/bm25File.ts";

/** A number for each field of a passage. */
export interface Fields {
  /** The heading trail. */
  title: number;
  text: number;
}

/** Weighted sum of a term's frequencies, each normalised by its field's length. */
export function frequencyOf(occurrences: Fields, length: Fields, mean: Fields, settings: Bm25Settings): number {
  const { b, titleB, titleWeight } = settings;
  const inTitle = occurrences.title / (1 - titleB + titleB * (length.title / mean.title));
  const inText = occurrences.text / (1 - b + b * (length.text / mean.text));
  return titleWeight * inTitle + inText;
}

/** Saturated weight of a term in a passage, 0..k1 + 1, without the idf. */
export function impactOf(frequency: number, { k1 }: Pick<Bm25Settings, "k1">): number {
  return (frequency * (k1 + 1)) / (frequency + k1);
}

/** Mean length of a field; above 0 for empty fields too. */
export function meanLength(sum: number, count: number): number {
  return Math.max(sum / Math.max(count, 1), 1e-9);
}
