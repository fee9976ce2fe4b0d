import { WinnowError } from "../../base/errors.ts";
import type { BaseModel } from "../../models/baseModel.ts";
import type { EncodedText } from "../../models/batches.ts";
import { StatesInMemory } from "../../models/late/keptStates.ts";
import { TextStates } from "../../models/late/textStates.ts";
import type { LayersApart, Network } from "../../models/network.ts";
import { packedFeeds } from "../../models/packedFeeds.ts";
import { weightFeeds } from "../../models/weights.ts";
import { createSession, type SessionOptions, type Tensor } from "../../onnx/runtime.ts";
import { buildLowerGraph } from "./stepGraphs.ts";

/** Which layers learn: all, or those that read question and passage together, with the head. */
export type TrainedLayers = "all" | "joint";

/** The part of a network that a step computes, and its inputs. */
export interface Trainee extends Pick<Network, "forward" | "maskWidth"> {
  feeds(rows: readonly EncodedText[]): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** Memory for states, some 12,000 passages of 110 tokens of a MiniLM. The rest is computed again. */
const STATES_BYTES = 512 * 2 ** 20;
const STATES = "lower_states";

/** The whole network, or its joint layers on the states that its lower layers give. Throws BadInput if it has none. */
export async function openTrainee(base: BaseModel, layers: TrainedLayers, options: SessionOptions): Promise<Trainee> {
  const { network } = base;
  if (layers === "all") return { ...network, feeds: async (rows) => network.feeds(rows), close: async () => {} };
  return jointTrainee(base, apartOf(base), options);
}

function apartOf({ network, name }: BaseModel): LayersApart {
  if (network.apart) return network.apart;
  const why = `every layer of ${name} reads question and passage together, so there are no joint layers to train alone`;
  throw new WinnowError("BadInput", `training: ${why}. Train all layers`);
}

async function jointTrainee(
  { network, weights }: BaseModel,
  apart: LayersApart,
  options: SessionOptions,
): Promise<Trainee> {
  const { graph, weights: read } = buildLowerGraph(apart);
  const fixed = weightFeeds(weights, read);
  const session = await createSession(graph.toBytes(), options);
  const states = new TextStates(apart, new StatesInMemory(STATES_BYTES), async (text) => {
    const outputs = await session.run({ ...packedFeeds([text], "cls"), ...fixed });
    return outputs.states!.data as Float32Array;
  });
  return {
    maskWidth: network.maskWidth,
    forward: (graph, source, mask) =>
      apart.joint(graph, source, graph.input(STATES, "float32", ["tokens", apart.hidden]), mask),
    feeds: async (rows) => ({ ...network.feeds(rows), [STATES]: await states.of(rows) }),
    close: () => session.close(),
  };
}
