import type { LayersApart, Network } from "../../models/network.ts";
import type { HostTensor } from "../../models/safetensors.ts";
import { constantWeights } from "../../models/weights.ts";
import type { WeightSource } from "../../onnx/graph.ts";
import { Graph, type Value } from "../../onnx/graph.ts";
import { add, div, min, mul, reduceSum, reshape, sqrt, sub } from "../../onnx/ops.ts";
import { dependencies, gradients } from "../autodiff/gradients.ts";
import { LOSS_FUNCTIONS, type LossName } from "./losses.ts";
import type { Parameter } from "./parameters.ts";

/** All weights as graph inputs, so that every session shares one copy of them in memory. */
function inputWeights(graph: Graph): { source: WeightSource; values: Value[] } {
  const values: Value[] = [];
  const source: WeightSource = (name, dims) => {
    const value = graph.input(name, "float32", dims);
    values.push(value);
    return value;
  };
  return { source, values };
}

/** Maps token ids and weights to `logits`, without dropout. `weights` are stored in the graph instead, if given. */
export function buildScoreGraph(network: Pick<Network, "forward">, weights?: Map<string, HostTensor>): Graph {
  const graph = new Graph("score");
  const source = weights ? constantWeights(graph, weights) : inputWeights(graph).source;
  graph.output("logits", network.forward(graph, source));
  return graph;
}

/** Maps the tokens of texts and the weights of the lower layers to `states`. `weights` are the inputs for weights. */
export function buildLowerGraph(apart: LayersApart): { graph: Graph; weights: Value[] } {
  const graph = new Graph("lower");
  const { source, values } = inputWeights(graph);
  graph.output("states", apart.lower(graph, source));
  return { graph, weights: values };
}

export interface GradientGraph {
  graph: Graph;
  /** The trained weights, in the order in which the model requests them. */
  trained: Value[];
  frozen: Value[];
  /** Names of the mask inputs, [batch, maskWidth] float32: 0 drops a unit, 1 / (1 - rate) keeps it. */
  masks: string[];
}

/**
 * Forward, loss and backward pass of one question's passages. The loss is that of logits + `prior`, [1, batch]. Outputs
 * `loss` (weighted by the input `loss_weight`), `logits`, and `gradient:NAME` for every trained weight: the input
 * `sum:NAME` plus this group's share. A step computes it once per group and then updates, so that a group's activations
 * stay in the cache.
 *
 * Dropout drops a unit for all tokens of a passage at once. Masks then stay small enough to be drawn from (seed, step)
 * in JavaScript, and the result does not depend on the runtime's generator.
 */
export function buildGradientGraph(
  network: Pick<Network, "forward" | "maskWidth">,
  isFrozen: (name: string) => boolean,
  loss: LossName,
  withDropout: boolean,
): GradientGraph {
  const graph = new Graph("gradients");
  const { source, values } = inputWeights(graph);
  const masks: string[] = [];
  const mask = () => {
    masks.push(`dropout_${masks.length}`);
    return graph.input(masks.at(-1)!, "float32", ["batch", network.maskWidth]);
  };
  const logits = network.forward(graph, source, withDropout ? mask : undefined);
  const targets = graph.input("targets", "float32", [1, "batch"]);
  const prior = graph.input("prior", "float32", [1, "batch"]);
  const weight = graph.input("loss_weight", "float32", []);
  const scores = add(graph, reshape(graph, logits, [1, "batch"]), prior);
  const value = mul(graph, LOSS_FUNCTIONS[loss](graph, scores, targets), weight);
  graph.output("loss", value);
  graph.output("logits", logits);
  const used = dependencies(graph, value);
  const isTrained = ({ name }: Value) => used.has(name) && !isFrozen(name);
  const trained = values.filter(isTrained);
  gradients(graph, value, trained).forEach((gradient, i) => {
    const { name, dims } = trained[i]!;
    graph.output(`gradient:${name}`, add(graph, graph.input(`sum:${name}`, "float32", dims), gradient));
  });
  return { graph, trained, frozen: values.filter((weight) => !isTrained(weight)), masks };
}

export interface AdamSettings {
  beta1: number;
  beta2: number;
  /** Maximum global norm of the gradients. */
  maxNorm: number;
}

/**
 * AdamW (Loshchilov and Hutter, 2019) for all parameters, after clipping by the global norm (Pascanu et al., 2013):
 * g <- g * min(1, maxNorm / |g|);  m' = b1 m + (1 - b1) g;  v' = b2 v + (1 - b2) g^2;  w' = keep w - rate m' / (sqrt(v') + eps).
 * The scalars `rate:PART`, `keep:PART` and `epsilon` carry learning rate, decay and bias corrections (schedule.ts).
 */
export function buildUpdateGraph(parameters: readonly Parameter[], settings: AdamSettings): Graph {
  const graph = new Graph("update");
  const scalar = (name: string) => graph.input(name, "float32", []);
  const rates = { body: scalar("rate:body"), head: scalar("rate:head") };
  const keeps = { body: scalar("keep:body"), head: scalar("keep:head") };
  const epsilon = scalar("epsilon");
  const found = parameters.map(({ name, dims }) => graph.input(`gradient:${name}`, "float32", dims));
  const squares = found.map((gradient) => mul(graph, gradient, gradient));
  const sums = squares.map((square) => reduceSum(graph, square, [...square.dims.keys()], false));
  const norm = sqrt(
    graph,
    sums.reduce((total, sum) => add(graph, total, sum)),
  );
  graph.output("gradient_norm", norm);
  const clip = min(graph, 1, div(graph, settings.maxNorm, add(graph, norm, 1e-6)));
  const intoMean = mul(graph, clip, 1 - settings.beta1);
  const intoSquare = mul(graph, mul(graph, clip, clip), 1 - settings.beta2);
  parameters.forEach(({ name, dims, part, decays }, i) => {
    const [weight, mean, square] = ["weight", "mean", "square"].map((kind) =>
      graph.input(`${kind}:${name}`, "float32", dims),
    ) as [Value, Value, Value];
    const newMean = add(graph, mul(graph, mean, settings.beta1), mul(graph, found[i]!, intoMean));
    const newSquare = add(graph, mul(graph, square, settings.beta2), mul(graph, squares[i]!, intoSquare));
    const step = div(graph, mul(graph, newMean, rates[part]), add(graph, sqrt(graph, newSquare), epsilon));
    const kept = decays ? mul(graph, weight, keeps[part]) : weight;
    graph.output(`new_weight:${name}`, sub(graph, kept, step));
    graph.output(`new_mean:${name}`, newMean);
    graph.output(`new_square:${name}`, newSquare);
  });
  return graph;
}
