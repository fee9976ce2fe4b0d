import { seededRandom } from "../../../base/random.ts";
import { Graph, type Value } from "../../../onnx/graph.ts";
import { mul, reduceSum } from "../../../onnx/ops.ts";
import { createSession, type Tensor } from "../../../onnx/runtime.ts";
import { gradients } from "../gradients.ts";

export type Build = (graph: Graph, ...inputs: Value[]) => Value;

const STEP = 1e-2;

/** The output of `build` for `values`, one list per input. */
export async function outputOf(shapes: number[][], build: Build, values?: number[][]): Promise<number[]> {
  const graph = new Graph("value");
  graph.output("y", build(graph, ...inputsOf(graph, shapes)));
  const session = await createSession(graph.toBytes(), { threads: 1 });
  const { y } = await session.run(feedsOf(shapes, values ?? randomValues(shapes)));
  await session.close();
  return [...(y!.data as Float32Array)];
}

/**
 * Compares the gradients of the rules with central differences of the graph itself. The loss weighs every element of
 * the output differently. Throws naming the element whose error exceeds `tolerance`, relative to the largest gradient.
 * `indices` are int64 inputs that `build` adds itself.
 */
export async function checkGradients(
  shapes: number[][],
  build: Build,
  values = randomValues(shapes),
  tolerance = 3e-3,
  indices: Record<string, number[]> = {},
): Promise<void> {
  const graph = new Graph("gradients");
  const inputs = inputsOf(graph, shapes);
  const y = build(graph, ...inputs);
  const size = (y.dims as number[]).reduce((product, dim) => product * dim, 1);
  const random = seededRandom(7);
  const data = Float32Array.from({ length: size }, () => random() * 2 - 1);
  const weights = graph.initializer("loss_weights", { type: "float32", dims: y.dims as number[], data });
  const weighted = mul(graph, y, weights);
  const axes = y.dims.map((_, axis) => axis);
  const loss = axes.length ? reduceSum(graph, weighted, axes, false) : weighted;
  graph.output("loss", loss);
  gradients(graph, loss, inputs).forEach((gradient, i) => {
    graph.output(`d${i}`, gradient);
  });
  const session = await createSession(graph.toBytes(), { threads: 1 });
  try {
    const fixed = Object.entries(indices).map(([name, list]) => [name, indexTensor(list)] as const);
    const run: Run = (moved) => session.run({ ...feedsOf(shapes, moved), ...Object.fromEntries(fixed) });
    await compare(run, values, tolerance);
  } finally {
    await session.close();
  }
}

type Run = (values: number[][]) => Promise<Record<string, Tensor>>;

async function compare(run: Run, values: number[][], tolerance: number): Promise<void> {
  const found = await run(values);
  const lossAt = async (input: number, element: number, shift: number) => {
    const moved = values.map((list, i) => list.map((x, j) => (i === input && j === element ? x + shift : x)));
    const { loss } = await run(moved);
    return (loss!.data as Float32Array)[0]!;
  };
  for (const [input, list] of values.entries()) {
    const gradient = found[`d${input}`]!.data as Float32Array;
    if (gradient.length !== list.length) throw new Error(`input ${input}: ${gradient.length} gradients`);
    const scale = Math.max(1, ...gradient.map(Math.abs));
    for (const element of list.keys()) {
      const expected = ((await lossAt(input, element, STEP)) - (await lossAt(input, element, -STEP))) / (2 * STEP);
      const got = gradient[element]!;
      if (!(Math.abs(got - expected) <= tolerance * scale)) {
        throw new Error(`input ${input}, element ${element}: rule gives ${got}, differences give ${expected}`);
      }
    }
  }
}

function inputsOf(graph: Graph, shapes: number[][]): Value[] {
  return shapes.map((dims, i) => graph.input(`x${i}`, "float32", dims));
}

function indexTensor(list: number[]): Tensor {
  return { type: "int64", dims: [list.length], data: BigInt64Array.from(list, BigInt) };
}

function feedsOf(shapes: number[][], values: number[][]): Record<string, Tensor> {
  return Object.fromEntries(
    shapes.map((dims, i) => [`x${i}`, { type: "float32" as const, dims, data: Float32Array.from(values[i]!) }]),
  );
}

function randomValues(shapes: number[][]): number[][] {
  const random = seededRandom(3);
  return shapes.map((dims) => Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random() * 3 - 1.5));
}
