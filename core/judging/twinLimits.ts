/** What the int8 twin may lose, DESIGN section 6 and 8. */
export const INT8_LIMITS = {
  /** nDCG@10 of the order by logit. */
  ndcgLoss: 0.005,
  spearman: 0.95,
  /** Root mean square of the logit error over the logits' standard deviation. */
  logitError: 0.2,
};
