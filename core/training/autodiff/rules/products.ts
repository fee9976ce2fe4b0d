import type { GraphNode, Value } from "../../../onnx/graph.ts";
import { gemm, matmul, type ProductOptions } from "../../../onnx/ops.ts";
import type { GradientRule } from "../rule.ts";

type Product = (a: Value, b: Value, options: ProductOptions) => Value;

/**
 * Y = alpha * op(A) op(B), where op optionally transposes and ' is the transpose.
 * dA = alpha * dY op(B)', or alpha * op(B) dY' if A enters transposed
 * dB = alpha * op(A)' dY, or alpha * dY' op(A) if B enters transposed
 */
function productRules(product: Product, node: GraphNode, dY: Value): [() => Value, () => Value] {
  const [a, b] = node.inputs as [Value, Value];
  const { alpha } = node.attributes as { alpha: number };
  const transA = node.attributes.transA === 1;
  const transB = node.attributes.transB === 1;
  return [
    () =>
      transA
        ? product(b, dY, { alpha, transA: transB, transB: true })
        : product(dY, b, { alpha, transA: false, transB: !transB }),
    () =>
      transB
        ? product(dY, a, { alpha, transA: true, transB: transA })
        : product(a, dY, { alpha, transA: !transA, transB: false }),
  ];
}

export const fusedMatMulRule: GradientRule = (graph, node, dY) =>
  productRules((a, b, options) => matmul(graph, a, b, options), node, dY);

// Y = alpha * op(A) op(B) + C, so dC = dY
export const gemmRule: GradientRule = (graph, node, dY) => [
  ...productRules((a, b, options) => gemm(graph, a, b, null, options), node, dY),
  () => dY,
];
