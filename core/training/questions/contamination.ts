import { dotProduct } from "../../artifacts/vectors.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { Question } from "../../judging/question.ts";
import type { Embedder } from "../../models/embedder.ts";
import { queryTerms } from "../../retrieval/tokenize.ts";

/** Two questions are nearly the same at this share of common terms (Jaccard) or above. */
const SAME_TERMS = 0.75;
/** Two questions are nearly the same at this cosine or above. */
const SAME_MEANING = 0.93;

/** The judged questions, to compare others with. */
export class JudgedQuestions {
  private readonly terms: Set<string>[];

  /** @param vectors unit vectors of the questions, [questions, dim]; null compares terms only. */
  constructor(
    private readonly questions: readonly Pick<Question, "id" | "query">[],
    private readonly vectors: Float32Array | null = null,
  ) {
    this.terms = questions.map((question) => new Set(queryTerms(question.query)));
  }

  /** The questions with their vectors, to compare by meaning too. */
  static async embedded(
    questions: readonly Pick<Question, "id" | "query">[],
    embedder: Pick<Embedder, "embed">,
    ctx: TaskContext,
  ): Promise<JudgedQuestions> {
    const queries = questions.map(({ query }) => query);
    return new JudgedQuestions(questions, await embedder.embed({ questions: queries }, ctx));
  }

  /** The id of a judged question that `text` nearly equals, or null. @param vector unit vector of `text`. */
  nearlyEquals(text: string, vector: Float32Array | null = null): string | null {
    const asked = new Set(queryTerms(text));
    for (const [index, judged] of this.terms.entries()) {
      if (jaccard(asked, judged) >= SAME_TERMS) return this.questions[index]!.id;
      if (vector === null || this.vectors === null) continue;
      if (dotProduct(this.vectors, index * vector.length, vector) >= SAME_MEANING) return this.questions[index]!.id;
    }
    return null;
  }
}

/**
 * Throws `BadInput` naming the first supplied training question that nearly equals a judged one. A question set that
 * was trained on proves nothing.
 *
 * @param vectors unit vectors of `supplied`, [supplied, dim]; null compares terms only
 */
export function assertNotJudged(
  supplied: string[],
  judged: JudgedQuestions,
  vectors: Float32Array | null = null,
): void {
  const dim = (vectors?.length ?? 0) / supplied.length;
  for (const [index, text] of supplied.entries()) {
    const id = judged.nearlyEquals(text, vectors?.subarray(index * dim, (index + 1) * dim));
    if (id === null) continue;
    const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
    throw new WinnowError(
      "BadInput",
      `training question ${index + 1} ("${shown}") is nearly question ${id} of the question set: remove it from one of them`,
    );
  }
}

/** Pages with the judged evidence of a question set. `strict` keeps them out of training. */
export function judgedPages(questions: Pick<Question, "relevant">[]): Set<string> {
  return new Set(questions.flatMap((question) => question.relevant.map((judgment) => judgment.path)));
}

export function jaccard<T>(a: Set<T>, b: Set<T>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let common = 0;
  for (const item of a) if (b.has(item)) common++;
  return common / (a.size + b.size - common);
}
