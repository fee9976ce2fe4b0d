import type { Provider } from "../../base/compute.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import { requireTensor, weightFeeds } from "../../models/weights.ts";
import { storedTensor } from "../../onnx/protoParts.ts";
import { createSession, type Session, type Tensor } from "../../onnx/runtime.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { writeModel } from "../../onnx/write.ts";
import type { LossName } from "./losses.ts";
import { ParameterLayout } from "./parameters.ts";
import { scalarTensor } from "./schedule.ts";
import { stacked } from "./stacked.ts";
import { type AdamSettings, buildGradientGraph, buildScoreGraph, buildUpdateGraph } from "./stepGraphs.ts";
import { buildStepsModel } from "./stepsModel.ts";
import { openTrainee, type TrainedLayers, type Trainee } from "./trainee.ts";

export interface EngineOptions extends AdamSettings {
  loss: LossName;
  /** Probability of dropping a unit; 0 leaves dropout out of the graph. */
  dropout: number;
  threads: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** Number of encoder layers to freeze, along with all embeddings. Default 0 freezes only word embeddings. */
  frozenLayers?: number;
  /** Default: all. */
  layers?: TrainedLayers;
}

/** The state that training changes: flat arrays in the order of the layout, one element per trained weight. */
export interface TrainingState {
  weights: Float32Array<ArrayBuffer>;
  /** AdamW's running mean of the gradient. */
  means: Float32Array<ArrayBuffer>;
  /** AdamW's running mean of its square. */
  squares: Float32Array<ArrayBuffer>;
}

/** Targets and prior of a group, one number per passage each. */
export interface Lesson {
  /** A distribution for `listwise`, 1 and 0s for `binary`, teacher scores for `marginMse`, chances for `graded`. */
  targets: Float32Array;
  /** Added to the logits inside the loss. */
  prior: Float32Array;
}

/** One question's passages with their lesson. */
export interface TaughtGroup extends Lesson {
  rows: readonly EncodedText[];
  /** Draws the dropout masks. */
  random: () => number;
}

/** An update from the mean loss of `groups`. */
export interface TrainingStep {
  groups: readonly TaughtGroup[];
  /** Made by `updateScalars`. */
  scalars: Record<string, Tensor>;
}

/** Loss and gradient of a step, before its update. */
export interface StepResult {
  loss: number;
  /** Of the gradient, before clipping. */
  norm: number;
}

/** The opened parts of an engine. */
interface EngineParts {
  trainee: Trainee;
  layout: ParameterLayout;
  sessions: { steps: Session; score: Session; scoreAtStart: Session | null };
  /** Initial weights, in the order of the layout. */
  start: Float32Array<ArrayBuffer>;
  /** Weights that are not trained and that a session takes as inputs, by name. */
  frozen: Record<string, Tensor>;
  /** Names of the dropout masks; empty without dropout. */
  masks: readonly string[];
  dropout: number;
  /** Whether each run of a session copies the weights to a device and back. */
  onDevice: boolean;
}

/** Target duration of a run of several steps. A running one cannot be stopped and reports nothing. */
const RUN_SECONDS = 1;

/** Compiled graphs (whole training steps, and scores) over one set of weights in ordinary memory. */
export class TrainingEngine {
  readonly layout: ParameterLayout;
  state: TrainingState;
  private atOnce = 1;

  private constructor(private readonly parts: EngineParts) {
    const { layout, start } = parts;
    this.layout = layout;
    this.state = { weights: start.slice(), means: layout.flat(), squares: layout.flat() };
  }

  static async open(base: BaseModel, options: EngineOptions): Promise<TrainingEngine> {
    const { network } = base;
    const { dropout, layers = "all" } = options;
    const isFrozen = network.frozen(options.frozenLayers ?? 0);
    const trainee = await openTrainee(base, layers, options);
    const withDropout = dropout > 0 && trainee.maskWidth > 0;
    const { graph, trained, frozen, masks } = buildGradientGraph(trainee, isFrozen, options.loss, withDropout);
    for (const { name, dims } of trained) requireTensor(base.weights, name, dims);
    const untrained = weightFeeds(base.weights, frozen);
    const layout = new ParameterLayout(trained, network.isHead);
    const onDevice = options.provider === "cuda";
    const steps = buildStepsModel({
      gradient: graph.toModel(),
      update: buildUpdateGraph(layout.parameters, options).toModel(),
      parameters: layout.parameters,
      frozen: new Set(frozen.map(({ name }) => name)),
      stored: onDevice ? Object.entries(untrained).map(([name, tensor]) => storedTensor(name, tensor)) : [],
    });
    const open = (model: ModelProto) => createSession(writeModel(model), options);
    const sessions = {
      steps: await open(steps),
      score: await open(buildScoreGraph(trainee).toModel()),
      scoreAtStart: onDevice ? await open(buildScoreGraph(trainee, base.weights).toModel()) : null,
    };
    const start = layout.gather(base.weights);
    return new TrainingEngine({ trainee, layout, sessions, start, frozen: untrained, masks, dropout, onDevice });
  }

  /** Number of steps to give to one call of `train`: above 1 only where copying the weights to a device takes time. */
  get stepsAtOnce(): number {
    return this.atOnce;
  }

  /**
   * Makes steps that have equally many groups, in one run of the runtime. Their results do not depend on how many run at
   * once. The caller checks that they are finite.
   */
  async train(steps: readonly TrainingStep[]): Promise<StepResult[]> {
    const { layout, frozen, sessions, onDevice } = this.parts;
    const [began, groups] = [performance.now(), steps[0]!.groups.length];
    // The loop writes its last values once it has read its first ones, so both can have the same memory.
    const state = (age: string) => ({
      ...layout.tensors(this.state.weights, `${age}weight:`),
      ...layout.tensors(this.state.means, `${age}mean:`),
      ...layout.tensors(this.state.squares, `${age}square:`),
    });
    const given: Record<string, Tensor>[] = [];
    for (const group of steps.flatMap((step) => step.groups)) given.push(await this.feedsOf(group, 1 / groups));
    const outputs = await sessions.steps.run(
      {
        steps: count(steps.length),
        groups: count(groups),
        ...state("old_"),
        ...(onDevice ? {} : frozen),
        ...stacked(given),
        ...stacked(steps.map(({ scalars }) => scalars)),
      },
      state("new_"),
    );
    const [losses, norms] = [outputs.losses!.data as Float32Array, outputs.norms!.data as Float32Array];
    if (onDevice) this.atOnce = paced(steps.length, (performance.now() - began) / 1000);
    return steps.map((_, i) => ({
      loss: losses.subarray(i * groups, (i + 1) * groups).reduce((sum, loss) => sum + loss, 0),
      norm: norms[i]!,
    }));
  }

  /** Sets the weights back to the initial ones and the moments to zero. */
  restart(): void {
    this.state.weights.set(this.parts.start);
    this.state.means.fill(0);
    this.state.squares.fill(0);
  }

  /** Logits of pairs with the current weights, without dropout. */
  score(rows: readonly EncodedText[]): Promise<Float32Array> {
    return this.scoreWith(this.state.weights, rows);
  }

  /** Logits of pairs with the initial weights. */
  async scoreAtStart(rows: readonly EncodedText[]): Promise<Float32Array> {
    const { trainee, sessions, start } = this.parts;
    if (!sessions.scoreAtStart) return this.scoreWith(start, rows);
    return (await sessions.scoreAtStart.run(await trainee.feeds(rows))).logits!.data as Float32Array;
  }

  private async scoreWith(weights: Float32Array, rows: readonly EncodedText[]): Promise<Float32Array> {
    const given = await this.parts.trainee.feeds(rows);
    const feeds = { ...given, ...this.parts.frozen, ...this.layout.tensors(weights, "") };
    return (await this.parts.sessions.score.run(feeds)).logits!.data as Float32Array;
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.parts.sessions)) await session?.close();
    await this.parts.trainee.close();
  }

  private async feedsOf(
    { rows, targets, prior, random }: TaughtGroup,
    weight: number,
  ): Promise<Record<string, Tensor>> {
    const row = (data: Float32Array): Tensor => ({ type: "float32", dims: [1, rows.length], data });
    return {
      ...(await this.parts.trainee.feeds(rows)),
      ...this.maskFeeds(rows.length, random),
      targets: row(targets),
      prior: row(prior),
      loss_weight: scalarTensor(weight),
    };
  }

  private maskFeeds(rows: number, random: () => number): Record<string, Tensor> {
    const kept = 1 / (1 - this.parts.dropout);
    const { maskWidth } = this.parts.trainee;
    const size = rows * maskWidth;
    return Object.fromEntries(
      this.parts.masks.map((name) => {
        const data = new Float32Array(size);
        for (let i = 0; i < size; i++) data[i] = random() < this.parts.dropout ? 0 : kept;
        return [name, { type: "float32", dims: [rows, maskWidth], data }];
      }),
    );
  }
}

/** The number of steps that take about `RUN_SECONDS`, by the time of a run, and at most twice as many as that run had. */
function paced(steps: number, seconds: number): number {
  return Math.max(1, Math.min(2 * steps, Math.floor((steps * RUN_SECONDS) / seconds)));
}

function count(value: number): Tensor {
  return { type: "int64", dims: [], data: BigInt64Array.of(BigInt(value)) };
}
