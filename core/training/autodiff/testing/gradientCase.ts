import type { Graph, Value } from "../../../onnx/graph.ts";
import type { DifferentiableOp } from "../../../onnx/opset.ts";

/** One case of the gradient tests: an operator with known values, or with shapes that are broadcast. */
export interface GradientCase {
  op: DifferentiableOp;
  title: string;
  /** Shapes of the inputs; all are differentiated. */
  inputs: number[][];
  build: (graph: Graph, ...inputs: Value[]) => Value;
  /** Input values, default uniform in [-1.5, 1.5]. */
  values?: number[][];
  /** The operator's output for `values`. */
  expected?: number[];
}
