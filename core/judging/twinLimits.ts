/** Allowed losses of the int8 twin (docs/evaluation.md#int8-twins). */
export const INT8_LIMITS = {
  /** nDCG@10 of the order by logit. */
  ndcgLoss: 0.005,
  spearman: 0.95,
  /** Root mean square of the logit error over the logits' standard deviation. */
  logitError: 0.2,
};
