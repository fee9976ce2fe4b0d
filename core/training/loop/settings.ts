import { availableParallelism } from "node:os";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import type { Provider } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import { marginScores } from "../mining/group.ts";
import type { LossName } from "./losses.ts";
import type { OptimizerSettings } from "./schedule.ts";

export interface TrainingOptions extends Partial<TrainingSettings> {
  /** Folder of the encoder, or of a cross-encoder, to start from. */
  baseDir: string;
  groups: readonly TrainingGroup[];
  /** Held-out groups that choose the best checkpoint; may be empty. */
  validation: readonly TrainingGroup[];
  /** Where the model folder goes. */
  outDir: string;
  checkpointDir: string;
  /** Wall time the run may take, set-up and export included, on the machine as it was when the run began. */
  budgetMinutes: number;
  seed: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** What the model card says about the data. */
  dataDescription?: string;
  /** And where the validation groups come from: a clause. */
  validationDescription?: string;
}

export interface TrainingSettings extends OptimizerSettings {
  loss: LossName;
  /** Factor of the retriever's scores inside the listwise loss, where the logit only has to correct them; 0: it is on its own. */
  residual: number;
  /**
   * Share of the listwise targets that is at least what served untrained (`lessonOf`), or that is the softmax of the
   * teacher's scores where it does not serve, or with residual 0 the softmax of the retriever's. Exactly 0: the label alone,
   * which is not what small shares come near to.
   */
  distillation: number;
  questionsPerStep: number;
  /** The positive and negatives of one question in a step. */
  passagesPerQuestion: number;
  /** Tokens of a pair in training; serving reads up to 224. */
  maxTokens: number;
  dropout: number;
  /** Norm that the whole gradient is clipped to. */
  maxNorm: number;
  maxEpochs: number;
  /** Upper limit beside the time budget. */
  maxSteps: number;
  /** Validations without a better nDCG@10 after which training stops; 0: it never stops early. */
  patience: number;
  /** Encoder layers, counted from the embeddings up, that keep their weights, and the embeddings with them; 0: only word embeddings do. */
  frozenLayers: number;
  checkpointSeconds: number;
  threads: number;
}

/** The recipe that did best on the Kubernetes docs from a fresh head (docs/architecture.md). */
const DEFAULTS: TrainingSettings = {
  loss: "listwise",
  residual: 0.8,
  distillation: 0.5,
  questionsPerStep: 4,
  passagesPerQuestion: 8,
  maxTokens: 176,
  dropout: 0.05,
  maxNorm: 1,
  learningRate: 2e-5,
  headLearningRate: 2e-4,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxEpochs: 4,
  maxSteps: Number.MAX_SAFE_INTEGER,
  patience: 0,
  frozenLayers: 0,
  checkpointSeconds: 30,
  threads: 0,
};

/** Whole numbers, and the least of each: a pair has three special tokens, and a group a positive and a negative. */
const LEAST = {
  questionsPerStep: 1,
  passagesPerQuestion: 2,
  maxTokens: 4,
  maxSteps: 1,
  patience: 0,
  frozenLayers: 0,
  threads: 1,
};

/** Options with defaults filled in. Throws BadInput naming an option that makes no sense. */
export function settingsOf(options: TrainingOptions): TrainingSettings {
  const given = Object.fromEntries(
    Object.entries(options).filter(([key, value]) => key in DEFAULTS && value !== undefined),
  );
  const settings: TrainingSettings = { ...DEFAULTS, ...given };
  if (!settings.threads) settings.threads = availableParallelism();
  const wrong = (what: string) => new WinnowError("BadInput", `training: ${what}`);
  if (options.groups.length === 0) throw wrong("there are no training groups");
  if (!(options.budgetMinutes > 0)) throw wrong(`budgetMinutes must be above 0, got ${options.budgetMinutes}`);
  if (!(settings.dropout >= 0 && settings.dropout < 1))
    throw wrong(`dropout must be in [0, 1), got ${settings.dropout}`);
  for (const name of ["learningRate", "headLearningRate", "maxNorm", "maxEpochs"] as const) {
    if (!(settings[name] > 0)) throw wrong(`${name} must be above 0, got ${settings[name]}`);
  }
  for (const name of ["residual", "weightDecay"] as const) {
    if (!(settings[name] >= 0)) throw wrong(`${name} must be 0 or more, got ${settings[name]}`);
  }
  if (!(settings.distillation >= 0 && settings.distillation <= 1)) {
    throw wrong(`distillation must be from 0 to 1, got ${settings.distillation}`);
  }
  for (const [name, least] of Object.entries(LEAST) as [keyof typeof LEAST, number][]) {
    if (!(Number.isInteger(settings[name]) && settings[name] >= least)) {
      throw wrong(`${name} must be a whole number from ${least} up, got ${settings[name]}`);
    }
  }
  options.groups.forEach((group, i) => {
    if (group.passages.length < 2) throw wrong(`group ${i} needs a positive and at least one negative passage`);
    for (const scores of [group.teacher, group.scores]) {
      if (scores && scores.length !== group.passages.length) {
        throw wrong(`group ${i} has ${group.passages.length} passages but ${scores.length} teacher scores`);
      }
      if (!(scores ?? []).every(Number.isFinite)) {
        throw wrong(`group ${i} has a teacher score that is no finite number`);
      }
    }
    if (settings.loss === "marginMse" && !marginScores(group)) {
      throw wrong(`group ${i} has no teacher's scores, marginMse needs them`);
    }
  });
  return settings;
}
