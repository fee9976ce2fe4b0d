import { QUEUES } from "../contracts/names.ts";
import type { PrepareInput } from "../core/stages/prepareTraining.ts";
import { fanOut } from "./fanOut.ts";
import { cpu, pollersOf } from "./pools.ts";
import type { PipelineRun } from "./progress.ts";

/** Below this number of passages, mining takes seconds. */
const LEAST_PASSAGES = 2000;
/** The number of questions hardly grows with the corpus. More shards would mostly load indexes. */
const MOST_SHARDS = 8;

/** Makes training data. With several workers, each mines negatives for a part of the questions. */
export async function prepareInShards(run: PipelineRun, input: Omit<PrepareInput, "mined">, summary: string) {
  const shards = await mineShards(run, input);
  const mined = shards.map(({ ref }) => ref);
  const data = await run.on(QUEUES.cpu, cpu.prepareTraining, summary, { ...input, mined });
  return { ...data, seconds: Math.max(0, ...shards.map(({ seconds }) => seconds)) + data.seconds };
}

async function mineShards(run: PipelineRun, input: Omit<PrepareInput, "mined">) {
  const { passages } = await run.on(QUEUES.cpu, cpu.planMining, "count the passages to mine", input);
  if (passages < 2 * LEAST_PASSAGES) return [];
  const workers = await pollersOf(QUEUES.cpu);
  const of = Math.min(workers, MOST_SHARDS, Math.floor(passages / LEAST_PASSAGES));
  if (of < 2) return [];
  const mine = (index: number) =>
    run.on(QUEUES.cpu, cpu.mineShard, `mine negatives, shard ${index + 1} of ${of}`, { ...input, index, of });
  return fanOut(of, mine, (finished) => run.report(`negatives mined: ${finished} of ${of} shards`));
}
