import type { Graph, GraphNode, Value } from "../../../onnx/graph.ts";
import { add, div, erf, exp, mul, neg, pow, sign, sub } from "../../../onnx/ops.ts";
import type { GradientRule } from "../rule.ts";

type Unary = (graph: Graph, dY: Value, x: Value, y: Value) => Value;

/** A rule for an operator with one input. */
function unary(gradient: Unary): GradientRule {
  return (graph, node, dY) => [() => gradient(graph, dY, node.inputs[0]!, node.outputs[0]!)];
}

const inputsOf = (node: GraphNode) => node.inputs as [Value, Value];

// dX = dY * sign(X)
export const absRule = unary((g, dY, x) => mul(g, dY, sign(g, x)));

// dA = dY, dB = dY
export const addRule: GradientRule = (_, __, dY) => [() => dY, () => dY];

// dA = dY / B, dB = -dY * Y / B
export const divRule: GradientRule = (g, node, dY) => {
  const [, b] = inputsOf(node);
  return [() => div(g, dY, b), () => neg(g, div(g, mul(g, dY, node.outputs[0]!), b))];
};

// dX = dY * 2 / sqrt(pi) * exp(-X^2)
export const erfRule = unary((g, dY, x) => mul(g, dY, mul(g, exp(g, neg(g, mul(g, x, x))), 2 / Math.sqrt(Math.PI))));

// dX = dY * Y
export const expRule = unary((g, dY, _, y) => mul(g, dY, y));

/**
 * Y = X * Phi(X), so dX = dY * (Phi(X) + X * phi(X)). With U = X / sqrt(2) that is
 * dX = dY * (1/2 + erf(U) / 2 + U * exp(-U^2) / sqrt(pi)), which takes the fewest passes over memory.
 */
export const geluRule = unary((g, dY, x) => {
  const u = mul(g, x, Math.SQRT1_2);
  const bell = exp(g, mul(g, u, mul(g, x, -Math.SQRT1_2)));
  const slope = mul(g, u, mul(g, bell, 1 / Math.sqrt(Math.PI)));
  return mul(g, dY, add(g, add(g, mul(g, erf(g, u), 0.5), 0.5), slope));
});

// dX = dY
export const identityRule = unary((_, dY) => dY);

// dX = dY / X
export const logRule = unary((g, dY, x) => div(g, dY, x));

// dA = dY * B, dB = dY * A
export const mulRule: GradientRule = (g, node, dY) => {
  const [a, b] = inputsOf(node);
  return [() => mul(g, dY, b), () => mul(g, dY, a)];
};

// dX = -dY
export const negRule = unary((g, dY) => neg(g, dY));

// Y = X^P, so dX = dY * P * X^(P - 1); exponents are constants
export const powRule: GradientRule = (g, node, dY) => {
  const [x, exponent] = inputsOf(node);
  return [() => mul(g, dY, mul(g, exponent, pow(g, x, sub(g, exponent, 1)))), null];
};

// dX = dY where Y > 0, else 0: Y is never negative, so its sign is the indicator
export const reluRule = unary((g, dY, _, y) => mul(g, dY, sign(g, y)));

// dX = dY / (2 Y)
export const sqrtRule = unary((g, dY, _, y) => div(g, dY, mul(g, y, 2)));

// dA = dY, dB = -dY
export const subRule: GradientRule = (g, _, dY) => [() => dY, () => neg(g, dY)];

// dX = dY * (1 - Y^2)
export const tanhRule = unary((g, dY, _, y) => mul(g, dY, sub(g, 1, mul(g, y, y))));

// dA = dY where C, else 0; dB = dY where not C, else 0
export const whereRule: GradientRule = (g, node, dY) => {
  const condition = node.inputs[0]!;
  const pick = (a: Value, b: Value) => g.node("Where", [condition, a, b], {}, dY.type, dY.dims);
  return [null, () => pick(dY, g.scalar(0)), () => pick(g.scalar(0), dY)];
};
