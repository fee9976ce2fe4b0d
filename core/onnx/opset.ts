/** The operators of Winnow's graphs. Each differentiable one has a rule in `core/training/autodiff/rules.ts`. */
export const DIFFERENTIABLE_OPS = [
  "Abs",
  "Add",
  "Concat",
  "Div",
  "Erf",
  "Exp",
  "Expand",
  "FusedMatMul",
  "Gather",
  "Gelu",
  "Gemm",
  "Identity",
  "LayerNormalization",
  "Log",
  "LogSoftmax",
  "Mul",
  "Neg",
  "Pow",
  "ReduceMean",
  "ReduceSum",
  "Relu",
  "Reshape",
  "Slice",
  "Softmax",
  "Split",
  "Sqrt",
  "Sub",
  "Tanh",
  "Transpose",
  "Where",
] as const;
export type DifferentiableOp = (typeof DIFFERENTIABLE_OPS)[number];

/**
 * Operators on indices, masks and sizes, and operators used only by gradients and the optimizer: no gradient flows
 * back.
 */
const CONSTANT_OPS = [
  "And",
  "Cast",
  "Cos",
  "CumSum",
  "Equal",
  "GreaterOrEqual",
  "IsNaN",
  "LessOrEqual",
  "Min",
  "Not",
  "OneHot",
  "Pad",
  "Range",
  "ScatterElements",
  "ConstantOfShape",
  "Shape",
  "Sign",
  "Sin",
  "Size",
  "Squeeze",
  "Unsqueeze",
] as const;
export type OpType = DifferentiableOp | (typeof CONSTANT_OPS)[number];

const differentiable: ReadonlySet<string> = new Set(DIFFERENTIABLE_OPS);

export function isDifferentiable(op: OpType): op is DifferentiableOp {
  return differentiable.has(op);
}

/** ONNX 1.15's operator set, plus ONNX Runtime's own operators. */
export const IR_VERSION = 9;
export const OPSETS = [
  { domain: "", version: 20 },
  { domain: "com.microsoft", version: 1 },
] as const;

export function isContrib(op: OpType): boolean {
  return op === "FusedMatMul";
}

/** Attributes that onnx.proto stores as floats; all other numbers are integers. */
export function isFloatAttribute(name: string): boolean {
  return name === "alpha" || name === "beta" || name === "epsilon";
}
