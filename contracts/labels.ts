/** An accepted vote as a label of one passage for one question. */
export interface PassageLabel {
  /** Id of the vote. */
  vote: string;
  question: string;
  /** `up`: the passage answers the question. `down`: it does not. */
  verdict: "up" | "down";
  /** Id of the passage. It names a place in the docs, whose text may change. */
  passage: string;
  page: string;
  /** SHA-256 of the text that was voted on. */
  textDigest: string;
}

/**
 * What became of a label in a training.
 *
 * - `trained`: in the training data, as a positive or a negative of its question. A short budget may not reach it.
 * - `gone`: the passage is gone from the docs, or its text has changed.
 * - `judged`: the question nearly equals a judged one, which must not be trained on.
 * - `held out`: its page is kept out of training.
 * - `no positive`: a negative whose question has no accepted up-vote on another passage.
 * - `no negative`: no other passage was left to rank it against.
 */
export type LabelFate = "trained" | "gone" | "judged" | "held out" | "no positive" | "no negative";

/** A label with its fate. The text of its question tells later evaluations what must not measure the reranker. */
export type UsedLabel = Pick<PassageLabel, "vote" | "passage" | "question"> & { fate: LabelFate };

/** How a label's passage was ranked before and after a training, on the same docs. */
export interface LabelEffect extends Pick<PassageLabel, "vote" | "question" | "verdict" | "passage" | "page"> {
  heading: string[];
  url: string;
  /**
   * Fate in the training of the reranker that was measured: `no training` if it is untrained; null if the label was
   * accepted later.
   */
  fate: LabelFate | "no training" | null;
  /** Rank from 1 among the candidates, in the order of the champion before; null if it is none of them, or none served. */
  before: number | null;
  /** The same in the order that the candidate serves. */
  after: number | null;
}
