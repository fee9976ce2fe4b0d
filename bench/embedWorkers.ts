/**
 * Embedding by one and by two worker processes, each pinned to its own core with one thread. They take shards from one
 * list, as workers take them from the task queue. The passages are the first of the serving release in WINNOW_HOME,
 * divided into as many shards as the pipeline makes of all of them:
 *   npm run bench:workers [-- --passages 400 --shards 2 --rounds 3]
 * Needs `taskset` (Linux) and two cores.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { countPassages } from "../core/artifacts/passages.ts";
import { embedderDir } from "../core/models/locate.ts";
import { embeddingShards, type PassageRange } from "../workflows/embedPlan.ts";
import { median, option } from "./peer.ts";
import { openWorkers, runTask, type Worker } from "./worker.ts";

const config = readCliConfig();
const { release, folders } = await openRelease(config, {});
const passagesDir = folders.ingestDir;
const all = await countPassages(passagesDir);
const passages = Math.min(all, Number(option("passages", "400")));
const shards = Number(option("shards", `${embeddingShards(all).length}`));
const rounds = Number(option("rounds", "3"));

/** Wall seconds of all shards with these workers, and the processor seconds of each worker. */
async function embedBy(workers: Worker[]): Promise<{ wall: number; cpu: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-bench-"));
  const bound = (at: number) => Math.round((passages * at) / shards);
  const list: PassageRange[] = Array.from({ length: shards }, (_, at) => ({ first: bound(at), last: bound(at + 1) }));
  const began = performance.now();
  const cpu = await Promise.all(
    workers.map(async (worker) => {
      let used = 0;
      for (let shard = list.shift(); shard; shard = list.shift()) {
        const outDir = join(folder, `${shard.first}`);
        const modelDir = embedderDir(config.cache);
        const args = { passagesDir, outDir, modelDir, cacheDir: join(outDir, "cache"), threads: 1, ...shard };
        used += (await runTask(worker, "embed", args)).cpuSeconds;
      }
      return used;
    }),
  );
  await rm(folder, { recursive: true, force: true });
  return { wall: (performance.now() - began) / 1000, cpu };
}

const workers = await openWorkers(2);
console.log(
  `${passages} passages of release ${release.id} in ${shards} shards; ${cpus().length} x ${cpus()[0]!.model}, ` +
    `load ${loadavg()[0]!.toFixed(1)}\n`,
);
const rows: string[][] = [];
const ratios: { wall: number; cpu: number }[] = [];
for (let round = 1; round <= rounds; round++) {
  const one = await embedBy(workers.slice(0, 1));
  const two = await embedBy(workers);
  const busiest = Math.max(...two.cpu);
  ratios.push({ wall: one.wall / two.wall, cpu: one.cpu[0]! / busiest });
  rows.push([
    `${round}`,
    ...[one.wall, two.wall, one.wall / two.wall, one.cpu[0]!, busiest, one.cpu[0]! / busiest].map((n) => n.toFixed(2)),
  ]);
}
for (const worker of workers) worker.close();
console.log(
  table(["round", "one: s", "two: s", "ratio", "one: processor s", "two, the busier: processor s", "ratio"], rows),
);
console.log(
  `\nTwo workers are ${median(ratios.map(({ wall }) => wall)).toFixed(2)}x as fast by the clock, ` +
    `${median(ratios.map(({ cpu }) => cpu)).toFixed(2)}x by processor time (the ratio on two idle cores)`,
);
