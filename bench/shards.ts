/**
 * Mining and evaluation by one worker process, and by two that divide them into shards. Each is pinned to its own core
 * with one thread and has its own folder of scores, as on separate machines. Runs on the serving release of
 * WINNOW_HOME:
 *   npm run bench:shards -- --questions FILE [--count 100 --seed 17]
 * Needs `taskset` (Linux) and two cores.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { existing, openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { embedderDir } from "../core/models/locate.ts";
import { openStorage } from "../core/storage/openStorage.ts";
import { option } from "./peer.ts";
import { openWorkers, runTask, type Worker } from "./worker.ts";

const config = readCliConfig();
const judged = existing(option("questions", "questions.jsonl"), "questions");
const { release, folders } = await openRelease(config, {});
const { store } = await openStorage(config.home, config.artifacts);
const { ingestDir, embedDirs, buildIndexDir } = folders;
const modelDir = embedderDir(config.cache);
const parts = { ingestDir, embedDirs, buildIndexDir, modelDir, threads: 1 };
const folder = await mkdtemp(join(tmpdir(), "winnow-bench-"));
const workers = await openWorkers(2);

/** Writes the first questions of the set to a separate file. */
async function firstQuestions(count: number): Promise<string> {
  const lines = (await readFile(judged, "utf8")).split("\n").filter((line) => line.trim());
  const file = join(folder, "questions.jsonl");
  await writeFile(file, `${lines.slice(0, count).join("\n")}\n`);
  return file;
}

async function emptyFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  return path;
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1000, result };
}

/**
 * Runs a task's shards, one per worker, then the task itself on the first worker, which uses the results of the shards.
 */
async function inShards(
  shard: (worker: Worker, index: number) => Promise<string>,
  rest: (made: string[]) => Promise<unknown>,
) {
  const made = await timed(() => Promise.all(workers.map(shard)));
  const { seconds } = await timed(() => rest(made.result));
  return { shards: made.seconds, rest: seconds };
}

async function mining(questionsFile: string) {
  const seed = Number(option("seed", "17"));
  const common = { ...parts, questionsFile, strict: false, seed };
  const prepare = async (name: string, minedDirs?: string[]) =>
    runTask(workers[0]!, "prepareTraining", { ...common, outDir: await emptyFolder(name), minedDirs });
  const one = await timed(() => prepare("mined-by-one"));
  const mine = async (worker: Worker, index: number) => {
    const outDir = await emptyFolder(`mined-${index}`);
    await runTask(worker, "mineShard", { ...common, outDir, shard: { index, of: workers.length } });
    return outDir;
  };
  return { one: one.seconds, ...(await inShards(mine, (made) => prepare("mined-by-two", made))) };
}

async function evaluation(questionsFile: string) {
  const { train } = release.manifest;
  const trainDir = train && (await store.resolve(train));
  const common = { ...parts, trainDir, baseDir: modelDir };
  const scoresOf = async (name: string) => ({ cacheDir: await emptyFolder(`${name}-scores`), code: "bench" });
  const evaluate = async (name: string, worker: string, imports?: string[]) => {
    const scores = { ...(await scoresOf(worker)), imports };
    const outDir = await emptyFolder(name);
    return runTask(workers[0]!, "evaluate", { ...common, questionsFile, generatedFile: null, outDir, scores });
  };
  const one = await timed(() => evaluate("evaluated-by-one", "alone"));
  const score = async (worker: Worker, index: number) => {
    const outDir = await emptyFolder(`scored-${index}`);
    const shard = { index, of: workers.length };
    await runTask(worker, "scoreShard", {
      ...common,
      file: questionsFile,
      outDir,
      shard,
      scores: await scoresOf(`${index}`),
    });
    return outDir;
  };
  return { one: one.seconds, ...(await inShards(score, (made) => evaluate("evaluated-by-two", "0", made))) };
}

const count = Number(option("count", "100"));
const questions = await firstQuestions(count);
const machine = `${cpus().length} x ${cpus()[0]!.model}, load ${loadavg()[0]!.toFixed(1)}`;
console.log(`Release ${release.id}, the first ${count} questions of the set; ${machine}\n`);
try {
  const rows = [];
  for (const [name, work] of Object.entries({ mining, evaluation })) {
    const { one, shards, rest } = await work(questions);
    const numbers = [one, shards, rest].map((seconds) => seconds.toFixed(0));
    rows.push([name, ...numbers, `${(one / (shards + rest)).toFixed(2)}x`]);
  }
  console.log(table(["", "one worker: s", "two, shards: s", "then the rest: s", "as fast"], rows));
} finally {
  for (const worker of workers) worker.close();
  await rm(folder, { recursive: true, force: true });
}
