import type { TrainingGroup } from "../../artifacts/groups.ts";
import { seededRandom, shuffled } from "../../base/random.ts";
import type { EncodedText } from "../../models/batches.ts";
import type { Tokenizer } from "../../models/wholeText.ts";
import { withPassages } from "../mining/group.ts";

/** Derives a seed from a seed and its use. Equal inputs give equal streams, different ones unrelated streams. */
export function seedFor(seed: number, ...parts: number[]): number {
  let state = seed >>> 0;
  for (const part of parts) state = Math.imul(state ^ (part + 0x9e3779b9), 0x85ebca6b) ^ (state >>> 13);
  return state >>> 0;
}

/**
 * The groups of a step (counted from 0) as (epoch, index). Every epoch takes all groups once, in an order drawn from
 * the seed. A step's data therefore depends on nothing that happened before it.
 */
export class SeededOrder {
  private epoch = -1;
  private order: number[] = [];

  constructor(
    private readonly groups: number,
    private readonly perStep: number,
    private readonly seed: number,
  ) {}

  at(step: number): { epoch: number; index: number }[] {
    return Array.from({ length: this.perStep }, (_, i) => {
      const place = step * this.perStep + i;
      const epoch = Math.floor(place / this.groups);
      return { epoch, index: this.orderOf(epoch)[place % this.groups]! };
    });
  }

  private orderOf(epoch: number): number[] {
    if (epoch !== this.epoch) {
      this.order = shuffled(Array(this.groups).keys(), seededRandom(seedFor(this.seed, 1, epoch)));
      this.epoch = epoch;
    }
    return this.order;
  }
}

/** At most `limit` passages of a group: the positive and, if there are more, negatives drawn anew every epoch. */
export function sampleGroup(group: TrainingGroup, limit: number, random: () => number): TrainingGroup {
  if (group.passages.length <= limit) return group;
  const negatives = shuffled(Array(group.passages.length - 1).keys(), random).slice(0, limit - 1);
  return withPassages(group, [0, ...negatives.map((index) => index + 1)]);
}

export function encodeGroup(
  tokenizer: Pick<Tokenizer, "encodePair">,
  group: TrainingGroup,
  maxTokens: number,
): EncodedText[] {
  return group.passages.map((passage) => tokenizer.encodePair(group.question, passage, maxTokens));
}
