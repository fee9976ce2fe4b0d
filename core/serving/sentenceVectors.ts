import type { Embedder } from "../models/embedder.ts";

/** Memory for the vectors of sentences, in bytes. */
const LIMIT = 32 * 2 ** 20;

/**
 * Vectors of the sentences that answers are quoted from. Most of a quoted answer's time goes into them, and many
 * questions are answered from the same few passages, so the vectors used last are kept.
 */
export class SentenceVectors {
  private readonly kept = new Map<string, Float32Array>();
  private readonly most: number;

  /** @param limit bytes of vectors to keep. */
  constructor(
    private readonly embedder: Pick<Embedder, "dim" | "embed">,
    limit = LIMIT,
  ) {
    this.most = Math.floor(limit / (embedder.dim * Float32Array.BYTES_PER_ELEMENT));
  }

  /** Cosine of the question to each sentence, in order. */
  async cosines(question: string, sentences: readonly string[]): Promise<number[]> {
    const { dim } = this.embedder;
    // Taken before the call, since another one may drop them meanwhile.
    const held = new Map<string, Float32Array>();
    for (const sentence of sentences) {
      const vector = this.kept.get(sentence);
      if (vector) held.set(sentence, vector);
    }
    const missing = [...new Set(sentences)].filter((sentence) => !held.has(sentence));
    const vectors = await this.embedder.embed({ questions: [question], passages: missing });
    for (const [at, sentence] of missing.entries()) held.set(sentence, vectors.slice((at + 1) * dim, (at + 2) * dim));
    this.keep(held);
    return sentences.map((sentence) => dot(vectors.subarray(0, dim), held.get(sentence)!));
  }

  /** Keeps vectors as the ones used last, and drops those unused for longest. */
  private keep(used: ReadonlyMap<string, Float32Array>): void {
    for (const [sentence, vector] of used) {
      this.kept.delete(sentence);
      this.kept.set(sentence, vector);
    }
    for (const sentence of this.kept.keys()) {
      if (this.kept.size <= this.most) return;
      this.kept.delete(sentence);
    }
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
