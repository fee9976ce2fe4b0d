import type { Bm25Settings } from "../../../artifacts/bm25File.ts";
import type { TermTable } from "../../../artifacts/termsFile.ts";
import { statementIn } from "../../../docs/versionStatement.ts";
import type { StoredPassage } from "../../../docs/windows.ts";
import { objectId, type WrittenObject } from "../../engines/weaviate.ts";
import { type Fields, frequencyOf, impactOf } from "../../termImpact.ts";
import { tokenize } from "../../tokenize.ts";
import { encodePostings, encodeVectors } from "./postings.ts";
import { REPEATS } from "./shards.ts";

/** What a passage's object is made with. */
export interface Making {
  table: Pick<TermTable, "find">;
  settings: Bm25Settings;
  /** Mean length of the fields over the corpus. */
  mean: Fields;
}

/** Occurrences of each term of a passage in its fields, and the fields' lengths. */
export function termsOf({ heading, text }: Pick<StoredPassage, "heading" | "text">): {
  occurrences: Map<string, Fields>;
  length: Fields;
} {
  const fields = { title: tokenize(heading.join("\n")), text: tokenize(text) };
  const occurrences = new Map<string, Fields>();
  for (const field of ["title", "text"] as const)
    for (const term of fields[field]) {
      const known = occurrences.get(term) ?? { title: 0, text: 0 };
      known[field]++;
      occurrences.set(term, known);
    }
  return { occurrences, length: { title: fields.title.length, text: fields.text.length } };
}

/**
 * The object of a passage. Its id holds the position.
 *
 * @param vectors of its windows, [windows, dim].
 * @param firstStating whether it is the first of its page that states a version or stage.
 */
export function passageObject(
  passage: StoredPassage,
  position: number,
  vectors: Float32Array,
  firstStating: boolean,
  { table, settings, mean }: Making,
): WrittenObject {
  const { occurrences, length } = termsOf(passage);
  const tokens: string[] = [];
  const postings: { id: number; impact: number }[] = [];
  for (const [term, fields] of occurrences) {
    const frequency = frequencyOf(fields, length, mean, settings);
    for (let repeat = Math.max(1, Math.round(frequency * REPEATS)); repeat > 0; repeat--) tokens.push(term);
    postings.push({ id: table.find(term)!.id, impact: impactOf(frequency, settings) });
  }
  postings.sort((a, b) => a.id - b.id);
  const stating = statementIn(passage.text) !== null;
  return {
    id: objectId(position),
    properties: {
      tokens: tokens.join(" "),
      key: passage.id,
      page: passage.page,
      ...(stating ? { statingPage: passage.page } : {}),
      ...(firstStating ? { statingTitle: passage.heading[0] ?? "" } : {}),
      passage: JSON.stringify(passage),
      postings: encodePostings(
        Uint32Array.from(postings, ({ id }) => id),
        Float32Array.from(postings, ({ impact }) => impact),
      ),
      windows: encodeVectors(vectors),
    },
  };
}

/** The objects of a passage's windows. Their ids hold position and window. */
export function windowObjects(position: number, vectors: Float32Array, dim: number): WrittenObject[] {
  return Array.from({ length: vectors.length / dim }, (_, window) => ({
    id: objectId(position, window),
    vector: Array.from(vectors.subarray(window * dim, (window + 1) * dim)),
  }));
}
