import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { passagesFile } from "../../../artifacts/passages.ts";
import type { IndexKind } from "../../../artifacts/searchIndex.ts";
import { termsFile } from "../../../artifacts/termsFile.ts";
import type { Vectors } from "../../../artifacts/vectors.ts";
import { BM25_DEFAULTS } from "../../bm25.ts";
import { digestOf } from "../../engines/weaviateIndex.ts";
import type { Fields } from "../../termImpact.ts";
import { REPEATS } from "./shards.ts";

/** What an object holds. To be raised with `passageObject`, `windowObjects`, `termImpact.ts` and `statementIn`. */
const OBJECTS = 2;

/** What the collections of a corpus are made of. */
export interface CorpusParts {
  kind: IndexKind;
  ingestDir: string;
  vectors: Vectors;
  shards: number;
  /** Folder of the terms. Postings hold places in their list, so other terms make the same postings wrong. */
  termsDir: string;
  /** Mean length of the fields over the corpus. */
  mean: Fields;
}

/** Covers passages, vectors, terms and all settings that the collections depend on. */
export async function corpusDigest({ kind, ingestDir, vectors, shards, termsDir, mean }: CorpusParts): Promise<string> {
  const settings = [OBJECTS, kind, shards, REPEATS, BM25_DEFAULTS, mean];
  const hash = createHash("sha256").update(JSON.stringify(settings));
  hash.update(digestOf(kind, vectors));
  for (const file of [termsFile(termsDir), passagesFile(ingestDir)])
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex").slice(0, 32);
}
