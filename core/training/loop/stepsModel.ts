import { type Carried, loopNode, partOf, scalar } from "../../onnx/loop.ts";
import { integerTensor, modelOf, plainNode } from "../../onnx/protoParts.ts";
import { ELEMENT_CODES, type ModelProto, type TensorProto, type ValueProto } from "../../onnx/schema.ts";
import type { Parameter } from "./parameters.ts";
import { unstacked } from "./stacked.ts";

/** The state that training changes, by the prefix of a parameter's name in the update graph. */
const STATE = ["weight:", "mean:", "square:"] as const;

export interface StepParts {
  /** The graph of one group (`buildGradientGraph`). */
  gradient: ModelProto;
  /** The graph of an update (`buildUpdateGraph`). */
  update: ModelProto;
  parameters: readonly Parameter[];
  /** Inputs of `gradient` with weights that are not trained. */
  frozen: ReadonlySet<string>;
  /** Tensors for some of these. The others stay inputs. */
  stored?: readonly TensorProto[];
}

/**
 * Whole training steps as one model: a loop over steps, each a loop over its groups and then an update. Weights and
 * moments go from step to step inside the runtime, and gradient sums from group to group.
 *
 * Inputs: `steps` and `groups` of each step, int64 []; `old_KIND:NAME` for each kind of `STATE` and each parameter; the
 * frozen weights; the other inputs of `gradient` stacked over all groups of all steps, and those of `update` stacked over
 * the steps (stacked.ts). Outputs: `new_KIND:NAME`; `losses` [steps, groups], weighted; `norms` [steps].
 */
export function buildStepsModel({ gradient, update, parameters, frozen, stored = [] }: StepParts): ModelProto {
  const trained = new Set(parameters.map(({ name }) => name));
  const ofGroup = gradient.graph.inputs.filter(
    ({ name }) => !trained.has(name) && !frozen.has(name) && !name.startsWith("sum:"),
  );
  const stateful = new Set(STATE.flatMap((kind) => parameters.map(({ name }) => kind + name)));
  const ofStep = update.graph.inputs.filter(({ name }) => !stateful.has(name) && !name.startsWith("gradient:"));
  const step = unstacked(ofStep, "steps:iteration", "steps");
  const group = unstacked(ofGroup, "group", "groups");
  const zeros = parameters.map(({ name, dims }) => integerTensor(`shape:${name}`, dims));
  const updated = partOf(update, "update/", new Map(parameters.map(({ name }) => [`weight:${name}`, name])));
  const loop = loopNode({
    name: "steps",
    trips: "steps",
    carried: STATE.flatMap((kind) =>
      parameters.map(({ name, dims }) => ({
        value: float(kind === "weight:" ? name : kind + name, dims),
        first: `old_${kind}${name}`,
        next: updated.nameOf(`new_${kind}${name}`),
        last: `new_${kind}${name}`,
      })),
    ),
    collected: [
      { value: float("step:losses", ["groups"]), all: "losses" },
      { value: float(updated.nameOf("gradient_norm"), []), all: "norms" },
    ],
    nodes: [
      ...step.nodes,
      plainNode("Mul", ["steps:iteration", "groups"], "first_group"),
      ...parameters.map(({ name }) => plainNode("ConstantOfShape", [`shape:${name}`], `zero:${name}`)),
      groupLoop(gradient, parameters, group),
      ...updated.nodes,
    ],
    initializers: [...step.initializers, ...zeros, ...updated.initializers],
  });
  const isStored = new Set(stored.map(({ name }) => name));
  return modelOf({
    name: "steps",
    nodes: [loop],
    initializers: [...stored],
    inputs: [
      scalar("steps", "int64"),
      scalar("groups", "int64"),
      ...stateOf("old_", parameters),
      ...gradient.graph.inputs.filter(({ name }) => frozen.has(name) && !isStored.has(name)),
      ...group.inputs,
      ...step.inputs,
    ],
    outputs: [...stateOf("new_", parameters), float("losses", ["step", "group"]), float("norms", ["step"])],
  });
}

/** Sums the gradients of a step's groups into `gradient:NAME`, and collects their losses as `step:losses`. */
function groupLoop(gradient: ModelProto, parameters: readonly Parameter[], group: ReturnType<typeof unstacked>) {
  const { nodes, initializers, nameOf } = partOf(gradient, "group/", new Map());
  const carried = parameters.map(
    ({ name, dims }): Carried => ({
      value: float(`sum:${name}`, dims),
      first: `zero:${name}`,
      next: nameOf(`gradient:${name}`),
      last: `gradient:${name}`,
    }),
  );
  return loopNode({
    name: "groups",
    trips: "groups",
    carried,
    collected: [{ value: float(nameOf("loss"), []), all: "step:losses" }],
    nodes: [plainNode("Add", ["first_group", "groups:iteration"], "group"), ...group.nodes, ...nodes],
    initializers: [...group.initializers, ...initializers],
  });
}

function stateOf(age: "old_" | "new_", parameters: readonly Parameter[]): ValueProto[] {
  return STATE.flatMap((kind) => parameters.map(({ name, dims }) => float(age + kind + name, dims)));
}

function float(name: string, dims: ValueProto["dims"]): ValueProto {
  return { name, elementCode: ELEMENT_CODES.float32, dims };
}
