/** Limits on the passes over the data. */
export interface Epochs {
  questionsPerStep: number;
  maxEpochs: number;
}

/** The pipeline's. They are apart from other settings, so that those do not change what a run asks an LLM. */
export const EPOCHS: Epochs = { questionsPerStep: 4, maxEpochs: 4 };

/** The most steps that some groups give. */
export function stepsOf(groups: number, { maxEpochs, questionsPerStep }: Epochs = EPOCHS): number {
  return Math.ceil((groups * maxEpochs) / questionsPerStep);
}
