/** One training question with its passages: what the cross-encoder learns to put in order. */
export interface TrainingGroup {
  question: string;
  /** Passage inputs (heading trail and text). `[0]` is the positive, the rest are negatives. */
  passages: string[];
  /** Retriever scores of `passages`, same length, on the scale of a logit: what distillation aims at. */
  teacher?: number[];
}
