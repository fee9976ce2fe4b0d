import type { Graph, Value } from "../../../onnx/graph.ts";
import type { DifferentiableOp } from "../../../onnx/opset.ts";

/** What the gradient tests try: each operator with known values and with the shapes that broadcasting can give it. */
export interface GradientCase {
  op: DifferentiableOp;
  title: string;
  /** Shapes of the inputs; all are differentiated. */
  inputs: number[][];
  build: (graph: Graph, ...inputs: Value[]) => Value;
  /** Input values, default uniform in [-1.5, 1.5]. */
  values?: number[][];
  /** What the operator gives for `values`. */
  expected?: number[];
}
