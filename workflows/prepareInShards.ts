import { patched } from "@temporalio/workflow";
import type { PrepareInput } from "../activities/train.ts";
import { QUEUES } from "../contracts/names.ts";
import { fanOut } from "./fanOut.ts";
import { cpu, onPool, pollersOf } from "./pools.ts";

/** Fewer passages than this are searched in seconds. */
const LEAST_PASSAGES = 2000;
/** There are some thousand questions whatever the size of the corpus: more shards than this would mostly open indexes. */
const MOST_SHARDS = 8;

/** Makes training data; where there are several workers, each searches for the negatives of a part of the questions. */
export async function prepareInShards(
  input: Omit<PrepareInput, "mined">,
  summary: string,
  tell: (note: string) => void,
) {
  const mined = patched("mine-shards") ? await mineShards(input, tell) : [];
  const refs = mined.length > 0 ? { mined: mined.map(({ ref }) => ref) } : {};
  const data = await onPool(QUEUES.cpu, cpu.prepareTraining, summary, { ...input, ...refs });
  return { ...data, seconds: Math.max(0, ...mined.map(({ seconds }) => seconds)) + data.seconds };
}

async function mineShards(input: Omit<PrepareInput, "mined">, tell: (note: string) => void) {
  const { passages } = await onPool(QUEUES.cpu, cpu.planMining, "what is there to mine?", input);
  if (passages < 2 * LEAST_PASSAGES) return [];
  const workers = await pollersOf(QUEUES.cpu);
  const of = Math.min(workers, MOST_SHARDS, Math.floor(passages / LEAST_PASSAGES));
  if (of < 2) return [];
  const mine = (index: number) =>
    onPool(QUEUES.cpu, cpu.mineShard, `mine negatives, shard ${index + 1} of ${of}`, { ...input, index, of });
  return fanOut(of, mine, (finished) => tell(`negatives mined: ${finished} of ${of} shards`));
}
