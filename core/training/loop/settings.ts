import { availableParallelism } from "node:os";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import type { Provider } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import { marginScores } from "../mining/group.ts";
import { EPOCHS } from "./epochs.ts";
import type { LossName } from "./losses.ts";
import type { OptimizerSettings } from "./schedule.ts";
import type { TrainedLayers } from "./trainee.ts";

export interface TrainingOptions extends Partial<TrainingSettings> {
  /** Folder of the encoder, or of a cross-encoder, to start from. */
  baseDir: string;
  /** Name of that model in the report and the model card. Default: the folder's. */
  baseName?: string;
  groups: readonly TrainingGroup[];
  /** Texts that give the rarity of each token, read once. Default: the passages of `groups`. */
  texts?: Iterable<string> | AsyncIterable<string>;
  /** Held-out groups that choose the best checkpoint; may be empty. */
  validation: readonly TrainingGroup[];
  /** Receives the model folder. */
  outDir: string;
  checkpointDir: string;
  /** Wall time for the run, set-up and export included, at the machine's speed when the run began. */
  budgetMinutes: number;
  seed: number;
  /** Does not train if budget or data allow fewer steps. Default: 1. */
  leastSteps?: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** Description of the data for the model card. */
  dataDescription?: string;
  /** Source of the validation groups for the model card, as a clause. */
  validationDescription?: string;
}

export interface TrainingSettings extends OptimizerSettings {
  loss: LossName;
  /**
   * Weight of the retriever's scores inside the listwise loss, so that the logit only corrects them. 0 uses the logit
   * alone.
   */
  residual: number;
  /**
   * Smallest share of the listwise targets given to the order served untrained (`lessonOf`). For an external teacher,
   * or with residual 0, it is the exact share of the softmax of the teacher's or the retriever's scores. 0 uses the
   * label alone, which is not the limit of small shares.
   */
  distillation: number;
  questionsPerStep: number;
  /** The positive and negatives of one question per step. */
  passagesPerQuestion: number;
  /** Maximum tokens of a pair in training; serving reads up to 224. */
  maxTokens: number;
  dropout: number;
  /** Maximum norm of the whole gradient, by clipping. */
  maxNorm: number;
  maxEpochs: number;
  /** Upper limit in addition to the time budget. */
  maxSteps: number;
  /** Validations without a better nDCG@10 after which training stops; 0 never stops early. */
  patience: number;
  /**
   * Number of encoder layers to freeze, from the embeddings up, along with the embeddings. 0 freezes only word
   * embeddings.
   */
  frozenLayers: number;
  /**
   * `joint` trains the layers that read question and passage together, and the head. The states below them are computed
   * once for each text.
   */
  layers: TrainedLayers;
  checkpointSeconds: number;
  threads: number;
}

/** The best recipe on the Kubernetes docs from a fresh head (docs/architecture.md). */
const DEFAULTS: TrainingSettings = {
  loss: "listwise",
  residual: 0.8,
  distillation: 0.5,
  ...EPOCHS,
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
  maxSteps: Number.MAX_SAFE_INTEGER,
  patience: 0,
  frozenLayers: 0,
  layers: "all",
  checkpointSeconds: 30,
  threads: 0,
};

/** Minimums of whole-number settings: a pair has three special tokens, and a group a positive and a negative. */
const LEAST = {
  questionsPerStep: 1,
  passagesPerQuestion: 2,
  maxTokens: 4,
  maxSteps: 1,
  patience: 0,
  frozenLayers: 0,
  threads: 1,
};

/** Fills in defaults. Throws BadInput naming an invalid option. */
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
      throw wrong(`${name} must be a whole number of at least ${least}, got ${settings[name]}`);
    }
  }
  if (settings.layers === "joint" && settings.frozenLayers > 0) {
    throw wrong("layers is joint, which freezes all others, so frozenLayers must be 0");
  }
  options.groups.forEach((group, i) => {
    if (group.passages.length < 2) throw wrong(`group ${i} needs a positive and at least one negative passage`);
    for (const scores of [group.teacher, group.scores, group.prior]) {
      if (scores && scores.length !== group.passages.length) {
        throw wrong(`group ${i} has ${group.passages.length} passages but ${scores.length} teacher scores`);
      }
      if (!(scores ?? []).every(Number.isFinite)) {
        throw wrong(`group ${i} has a teacher score that is not finite`);
      }
    }
    if (settings.loss === "graded" && !group.scores?.every((chance) => chance >= 0 && chance <= 1)) {
      throw wrong(`group ${i} has no chance from 0 to 1 for each passage; graded needs them as scores`);
    }
    if (settings.loss === "marginMse" && !marginScores(group)) {
      throw wrong(`group ${i} has no teacher scores; marginMse needs them`);
    }
  });
  return settings;
}
