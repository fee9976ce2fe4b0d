import { createHash } from "node:crypto";

export const FOLDS = 5;

/**
 * Fold of a question, 0..folds-1, from the hash of its id, so it stays the same if questions are added or reordered.
 */
export function foldOf(id: string, folds = FOLDS): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) % folds;
}

/**
 * Predicts each item with a model fitted on the other folds only.
 * @param train fits a model on the other folds' items and returns a function that predicts one item
 */
export function outOfFold<Item extends { id: string }, Model, Prediction>(
  items: readonly Item[],
  train: (rest: Item[]) => Model,
  predict: (model: Model, item: Item) => Prediction,
): Prediction[] {
  const predictions = new Array<Prediction>(items.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = items.flatMap((item, i) => (foldOf(item.id) === fold ? [i] : []));
    if (held.length === 0) continue;
    const model = train(items.filter((item) => foldOf(item.id) !== fold));
    for (const i of held) predictions[i] = predict(model, items[i]!);
  }
  return predictions;
}
