import { seededRandom } from "../base/random.ts";
import { RARITY } from "./matching.ts";
import type { HostTensor } from "./safetensors.ts";

/** Sizes of the encoder that gets a head. */
interface Sizes {
  hidden: number;
  vocabulary: number;
}

/**
 * The layer before the classifier starts uniform in +-1/sqrt(hidden), as PyTorch's linear layers do. The classifier and
 * the tokens' importance start at zero, so the first ranking comes from token matches alone. All tokens are equally
 * rare until `tokenRarity` has read the docs.
 */
export function addFreshHead(weights: Map<string, HostTensor>, config: Sizes, seed: number): void {
  const { hidden } = config;
  const random = seededRandom(seed);
  const bound = 1 / Math.sqrt(hidden);
  const fill = (name: string, dims: number[], value: () => number) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    weights.set(name, { dims, data: Float32Array.from({ length: size }, value) });
  };
  const uniform = () => (random() * 2 - 1) * bound;
  fill("pooler.dense.weight", [hidden, hidden], uniform);
  fill("pooler.dense.bias", [hidden], uniform);
  fill("classifier.weight", [1, hidden], () => 0);
  fill("classifier.bias", [1], () => 0);
  fill("matching.scale", [1, 1], () => 1);
  fill("matching.importance.weight", [1, hidden], () => 0);
  weights.set(RARITY, allAlike(config));
}

/** The rarity of tokens before any docs are read. */
export function allAlike({ vocabulary }: Pick<Sizes, "vocabulary">): HostTensor {
  return { dims: [vocabulary, 1], data: new Float32Array(vocabulary) };
}
