import type { Provider } from "../../base/compute.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import type { Network } from "../../models/network.ts";
import { requireTensor } from "../../models/weights.ts";
import { createSession, type Session, type Tensor } from "../../onnx/runtime.ts";
import type { LossName } from "./losses.ts";
import { ParameterLayout } from "./parameters.ts";
import { scalarTensor } from "./schedule.ts";
import { type AdamSettings, buildGradientGraph, buildScoreGraph, buildUpdateGraph } from "./stepGraphs.ts";

export interface EngineOptions extends AdamSettings {
  loss: LossName;
  /** Probability of dropping a unit; 0 leaves dropout out of the graph. */
  dropout: number;
  threads: number;
  /** Default: the CPU. */
  provider?: Provider;
  /** Number of encoder layers to freeze, along with all embeddings. Default 0 freezes only word embeddings. */
  frozenLayers?: number;
}

/** The state that training changes: flat arrays in the order of the layout, one element per trained weight. */
export interface TrainingState {
  weights: Float32Array<ArrayBuffer>;
  /** AdamW's running mean of the gradient. */
  means: Float32Array<ArrayBuffer>;
  /** AdamW's running mean of its square. */
  squares: Float32Array<ArrayBuffer>;
}

/** The opened parts of an engine. */
interface EngineParts {
  network: Network;
  layout: ParameterLayout;
  sessions: { gradient: Session; update: Session; score: Session };
  /** Initial weights, in the order of the layout. */
  start: Float32Array<ArrayBuffer>;
  /** Weights that are not trained, by name. */
  frozen: Record<string, Tensor>;
  /** Names of the dropout masks; empty without dropout. */
  masks: readonly string[];
  dropout: number;
}

/** Three compiled graphs (gradient of a group, update, score) over one set of weights in ordinary memory. */
export class TrainingEngine {
  readonly layout: ParameterLayout;
  state: TrainingState;
  private spare: TrainingState;
  private sums: Float32Array<ArrayBuffer>;
  private newSums: Float32Array<ArrayBuffer>;

  private constructor(private readonly parts: EngineParts) {
    const { layout, start } = parts;
    const flat = () => layout.flat();
    this.layout = layout;
    this.state = { weights: start.slice(), means: flat(), squares: flat() };
    this.spare = { weights: flat(), means: flat(), squares: flat() };
    this.sums = flat();
    this.newSums = flat();
  }

  static async open(base: BaseModel, options: EngineOptions): Promise<TrainingEngine> {
    const { network } = base;
    const { dropout } = options;
    const isFrozen = network.frozen(options.frozenLayers ?? 0);
    const withDropout = dropout > 0 && network.maskWidth > 0;
    const { graph, trained, frozen, masks } = buildGradientGraph(network, isFrozen, options.loss, withDropout);
    for (const { name, dims } of [...trained, ...frozen]) requireTensor(base.weights, name, dims);
    const layout = new ParameterLayout(trained, network.isHead);
    const open = (bytes: Uint8Array) => createSession(bytes, options);
    const sessions = {
      gradient: await open(graph.toBytes()),
      update: await open(buildUpdateGraph(layout.parameters, options).toBytes()),
      score: await open(buildScoreGraph(network).toBytes()),
    };
    const untrained = frozen.map(({ name, dims }): [string, Tensor] => [
      name,
      { type: "float32", dims: dims as number[], data: base.weights.get(name)!.data },
    ]);
    const start = layout.gather(base.weights);
    return new TrainingEngine({
      network,
      layout,
      sessions,
      start,
      frozen: Object.fromEntries(untrained),
      masks,
      dropout,
    });
  }

  /**
   * Adds the gradient of one group, weighted by `weight`, to the gradient sums. `random` draws its dropout masks.
   * `prior` is added to the logits inside the loss. Returns the group's unweighted loss; the caller checks that it is
   * finite.
   */
  async accumulate(
    rows: readonly EncodedText[],
    targets: Float32Array,
    weight: number,
    random: () => number,
    prior: Float32Array = new Float32Array(rows.length),
  ): Promise<number> {
    const outputs = await this.parts.sessions.gradient.run(
      {
        ...this.parts.network.feeds(rows),
        ...this.parts.frozen,
        ...this.layout.tensors(this.state.weights, ""),
        ...this.layout.tensors(this.sums, "sum:"),
        ...this.maskFeeds(rows.length, random),
        targets: { type: "float32", dims: [1, rows.length], data: targets },
        prior: { type: "float32", dims: [1, rows.length], data: prior },
        loss_weight: scalarTensor(weight),
      },
      this.layout.tensors(this.newSums, "gradient:"),
    );
    [this.sums, this.newSums] = [this.newSums, this.sums];
    return (outputs.loss!.data as Float32Array)[0]! / weight;
  }

  /** Makes one AdamW update from the gradient sums and resets them to zero. Returns the gradient's norm. */
  async update(scalars: Record<string, Tensor>): Promise<number> {
    const { layout, state, spare } = this;
    const outputs = await this.parts.sessions.update.run(
      {
        ...scalars,
        ...layout.tensors(this.sums, "gradient:"),
        ...layout.tensors(state.weights, "weight:"),
        ...layout.tensors(state.means, "mean:"),
        ...layout.tensors(state.squares, "square:"),
      },
      {
        ...layout.tensors(spare.weights, "new_weight:"),
        ...layout.tensors(spare.means, "new_mean:"),
        ...layout.tensors(spare.squares, "new_square:"),
      },
    );
    [this.state, this.spare] = [spare, state];
    this.clearGradients();
    return (outputs.gradient_norm!.data as Float32Array)[0]!;
  }

  /** Undoes the last update, for trial runs that only measure time. */
  undoUpdate(): void {
    [this.state, this.spare] = [this.spare, this.state];
  }

  /** The gradients summed by `accumulate` since the last update, in the order of the layout. */
  get gradientSums(): Float32Array {
    return this.sums;
  }

  clearGradients(): void {
    this.sums.fill(0);
  }

  /** Logits of pairs with the current weights, without dropout. */
  score(rows: readonly EncodedText[]): Promise<Float32Array> {
    return this.scoreWith(this.state.weights, rows);
  }

  /** Logits of pairs with the initial weights. */
  scoreAtStart(rows: readonly EncodedText[]): Promise<Float32Array> {
    return this.scoreWith(this.parts.start, rows);
  }

  private async scoreWith(weights: Float32Array, rows: readonly EncodedText[]): Promise<Float32Array> {
    const feeds = { ...this.parts.network.feeds(rows), ...this.parts.frozen, ...this.layout.tensors(weights, "") };
    return (await this.parts.sessions.score.run(feeds)).logits!.data as Float32Array;
  }

  async close(): Promise<void> {
    for (const session of Object.values(this.parts.sessions)) await session.close();
  }

  private maskFeeds(rows: number, random: () => number): Record<string, Tensor> {
    const kept = 1 / (1 - this.parts.dropout);
    const size = rows * this.parts.network.maskWidth;
    return Object.fromEntries(
      this.parts.masks.map((name) => {
        const data = new Float32Array(size);
        for (let i = 0; i < size; i++) data[i] = random() < this.parts.dropout ? 0 : kept;
        return [name, { type: "float32", dims: [rows, this.parts.network.maskWidth], data }];
      }),
    );
  }
}
