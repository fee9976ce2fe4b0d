import { cutModel } from "../../onnx/cut.ts";
import { integerTensor, plainNode } from "../../onnx/protoParts.ts";
import { ELEMENT_CODES, type ModelProto, type ValueProto } from "../../onnx/schema.ts";

const { float32, int8 } = ELEMENT_CODES;

/** A cross-encoder cut in two after the layers that read question and passage as separate texts. */
export interface SplitModel {
  /**
   * From input_ids, attention_mask and token_type_ids of single texts to `states`. A question's tokens have segment 0,
   * a passage's have segment 1: the graph gives them the same positions as in a pair.
   */
  lower: ModelProto;
  /** From the same inputs of pairs and `states` to logits. */
  joint: ModelProto;
  /** Name of the states of all tokens, padding included: float32 [batch * length, hidden]. */
  states: string;
  hidden: number;
}

/** Inputs that replace `states` in the result of `withPackedStates`. */
export const STATE_INPUTS = {
  /** float32 [1, tokens of the question, hidden] */
  question: "question_states",
  /** int8 [batch, longest passage, hidden] */
  values: "passage_values",
  /** float32 [batch, longest passage, 1] */
  scales: "passage_scales",
} as const;

/**
 * Cuts a reranker that Winnow wrote, or its int8 twin, after its first `apart` layers. In these layers a passage's
 * positions start at 1 and it attends to itself alone (apart.ts). So its states depend neither on the question nor on
 * the question's length. They are the same numbers as in the whole model. Returns null if the model has no such place.
 */
export function splitModel(model: ModelProto, apart: number): SplitModel | null {
  // Without segments the graph finds the passage by its separator, which the parts do not see.
  if (!model.graph.inputs.some(({ name }) => name === "token_type_ids")) return null;
  const scale = `encoder.layer.${apart - 1}.output.LayerNorm.weight`;
  const last = model.graph.nodes.find(({ op, inputs }) => op === "LayerNormalization" && inputs[1] === scale);
  const hidden = model.graph.initializers.find(({ name }) => name === scale)?.dims[0];
  if (!last || hidden === undefined) return null;
  const states = { name: last.outputs[0]!, elementCode: float32, dims: ["tokens", hidden] };
  return {
    lower: cutModel(model, [], [states]),
    joint: cutModel(model, [states], model.graph.outputs),
    states: states.name,
    hidden,
  };
}

/**
 * The joint part for one question and a batch of passages. It takes the question's states once, and the passages' as
 * 8-bit integers with one scale for each token.
 */
export function withPackedStates({ joint, states, hidden }: SplitModel): ModelProto {
  const { question, values, scales } = STATE_INPUTS;
  const nodes = [
    plainNode("Shape", [values], "batch_size", [
      { name: "start", kind: "int", value: 0 },
      { name: "end", kind: "int", value: 1 },
    ]),
    plainNode("Concat", ["batch_size", "one_one"], "question_shape", [{ name: "axis", kind: "int", value: 0 }]),
    plainNode("Expand", [question, "question_shape"], "question_repeated"),
    plainNode("Cast", [values], "passage_floats", [{ name: "to", kind: "int", value: float32 }]),
    plainNode("Mul", ["passage_floats", scales], "passage_states"),
    plainNode("Concat", ["question_repeated", "passage_states"], "pair_states", [
      { name: "axis", kind: "int", value: 1 },
    ]),
    plainNode("Reshape", ["pair_states", "one_row_a_token"], states),
  ];
  const inputs: ValueProto[] = [
    { name: question, elementCode: float32, dims: [1, "question", hidden] },
    { name: values, elementCode: int8, dims: ["batch", "passage", hidden] },
    { name: scales, elementCode: float32, dims: ["batch", "passage", 1] },
  ];
  const { graph } = joint;
  return {
    ...joint,
    graph: {
      ...graph,
      nodes: [...nodes, ...graph.nodes],
      initializers: [
        ...graph.initializers,
        integerTensor("one_one", [1, 1]),
        integerTensor("one_row_a_token", [-1, hidden]),
      ],
      inputs: [...graph.inputs.filter(({ name }) => name !== states), ...inputs],
    },
  };
}
