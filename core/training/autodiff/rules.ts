import type { DifferentiableOp } from "../../onnx/opset.ts";
import type { GradientRule } from "./rule.ts";
import * as elementwise from "./rules/elementwise.ts";
import * as layout from "./rules/layout.ts";
import * as products from "./rules/products.ts";
import * as reductions from "./rules/reductions.ts";

/** The rule of every differentiable operator. A missing rule is a compile error. */
export const GRADIENT_RULES: Record<DifferentiableOp, GradientRule> = {
  Abs: elementwise.absRule,
  Add: elementwise.addRule,
  Concat: layout.concatRule,
  Div: elementwise.divRule,
  Erf: elementwise.erfRule,
  Exp: elementwise.expRule,
  Expand: layout.expandRule,
  FusedMatMul: products.fusedMatMulRule,
  Gather: layout.gatherRule,
  Gelu: elementwise.geluRule,
  Gemm: products.gemmRule,
  Identity: elementwise.identityRule,
  LayerNormalization: reductions.layerNormRule,
  Log: elementwise.logRule,
  LogSoftmax: reductions.logSoftmaxRule,
  Mul: elementwise.mulRule,
  Neg: elementwise.negRule,
  Pow: elementwise.powRule,
  ReduceMean: reductions.reduceMeanRule,
  ReduceSum: reductions.reduceSumRule,
  Relu: elementwise.reluRule,
  Reshape: layout.reshapeRule,
  Slice: layout.sliceRule,
  Softmax: reductions.softmaxRule,
  Split: layout.splitRule,
  Sqrt: elementwise.sqrtRule,
  Sub: elementwise.subRule,
  Tanh: elementwise.tanhRule,
  Transpose: layout.transposeRule,
  Where: elementwise.whereRule,
};
