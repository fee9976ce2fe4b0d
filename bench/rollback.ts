/**
 * Time of a rollback to the previous release while questions are asked: by the command, by the workflow, and until
 * answers come from that release.
 *   npm run bench:rollback [-- --rounds 5 --clients 2]
 * Makes two releases of the sample docs in a separate folder (some minutes), the second from docs with one more
 * section.
 */
import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { table } from "../cli/table.ts";
import { ask } from "../client/ask.ts";
import { connectClient } from "../client/temporal.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import type { ChampionResult } from "../contracts/release.ts";
import { deploy } from "./deployment.ts";
import { quantile } from "./load.ts";
import { option } from "./peer.ts";
import { runWinnow } from "./runWinnow.ts";

const CORPUS = "rollback";
/** Uses every fifth sample question: two small evaluations are enough for two releases. */
const EVERY = 5;
const TRAINING_MINUTES = "0.3";
const PATIENCE_MS = 60_000;

interface Answer {
  release: string;
  /** When the question was asked and answered, by performance.now(). */
  asked: number;
  answered: number;
}

const home = await mkdtemp(join(tmpdir(), "winnow-rollback-"));

async function twoReleases(): Promise<[string, string]> {
  const [docs, questions] = [join(home, "docs"), join(home, "questions.jsonl")];
  const samples = join(projectRoot, "samples");
  await cp(join(samples, "docs"), docs, { recursive: true });
  const lines = (await readFile(join(samples, "questions.jsonl"), "utf8")).trim().split("\n");
  await writeFile(questions, lines.filter((_, at) => at % EVERY === 0).join("\n"));
  const args = [
    "--docs",
    docs,
    "--questions",
    questions,
    "--name",
    CORPUS,
    "--budget",
    TRAINING_MINUTES,
    "--least-steps",
    "1",
  ];
  const env = { WINNOW_HOME: home };
  const first = await runWinnow(args, env);
  await appendFile(join(docs, "_index.md"), "\n\n## Rolled back\n\nThis section is in the second release alone.\n");
  const second = await runWinnow([...args, "--retrain", "never"], env);
  return [first.release!, second.release!];
}

const [older, newer] = await twoReleases();
const config = readCliConfig({ ...process.env, WINNOW_HOME: home });
const deployment = await deploy(config, 1);
const client = await connectClient(deployment.address, config);
const answers: Answer[] = [];
const failures: unknown[] = [];
let asking = true;

async function keepAsking(): Promise<void> {
  while (asking) {
    const asked = performance.now();
    try {
      const { receipt } = await ask(client, "How do I create a Job?", { corpus: CORPUS });
      answers.push({ release: receipt.release, asked, answered: performance.now() });
    } catch (error) {
      failures.push(error);
    }
  }
}

const execute = (type: "rollback" | "promote", input: object): Promise<ChampionResult> =>
  client.workflow.execute(WORKFLOWS[type], {
    workflowId: `${type}-${crypto.randomUUID()}`,
    taskQueue: QUEUES.main,
    args: [{ by: "bench:rollback", ...input }],
  });

async function byCommand(): Promise<void> {
  const env = { ...config.env, WINNOW_HOME: home, TEMPORAL_ADDRESS: deployment.address };
  const winnow = join(projectRoot, "cli", "winnow.mjs");
  await promisify(execFile)(process.execPath, [winnow, "releases", "rollback", "--corpus", CORPUS, "--json"], { env });
}

interface Change {
  /** Seconds until the rollback was done. */
  took: number;
  /** Seconds from then to the first answer of the new champion, and to the last question that the old one answered. */
  pickUp: number;
  lastOld: number;
}

async function measured(champion: string, change: () => Promise<unknown>): Promise<Change> {
  const began = performance.now();
  await change();
  const done = performance.now();
  const first = () => answers.find(({ release, answered }) => release === champion && answered >= began);
  while (!first()) {
    if (performance.now() - done > PATIENCE_MS) throw new Error(`no answer of ${champion} after a minute`);
    await delay(10);
  }
  await delay(2000);
  const old = answers.filter(({ release, asked }) => release !== champion && asked >= done).map(({ asked }) => asked);
  return {
    took: (done - began) / 1000,
    pickUp: Math.max(0, first()!.answered - done) / 1000,
    lastOld: Math.max(0, ...old.map((asked) => asked - done)) / 1000,
  };
}

const clients = Array.from({ length: Number(option("clients", "2")) }, keepAsking);
const changes = new Map<string, Change[]>();
const note = async (name: string, champion: string, change: () => Promise<unknown>) =>
  changes.set(name, [...(changes.get(name) ?? []), await measured(champion, change)]);
const load = loadavg()[0]!.toFixed(1);
try {
  await execute("promote", { release: older });
  await note("promote, workflow", newer, () => execute("promote", { release: newer }));
  for (let round = 0; round < Number(option("rounds", "5")); round++) {
    await note("rollback, command", older, byCommand);
    await note("promote, workflow", newer, () => execute("promote", { release: newer }));
    await note("rollback, workflow", older, () => execute("rollback", { corpus: CORPUS }));
    await note("promote, workflow", newer, () => execute("promote", { release: newer }));
  }
} finally {
  asking = false;
  await Promise.all(clients);
  await client.connection.close();
  await deployment.stop();
  await rm(home, { recursive: true, force: true });
}
const middleAndMost = (values: number[]) => [quantile(values, 0.5), Math.max(...values)].map((x) => x.toFixed(2));
const rows = [...changes].map(([name, list]) => [
  name,
  `${list.length}`,
  ...middleAndMost(list.map(({ took }) => took)),
  ...middleAndMost(list.map(({ pickUp }) => pickUp)),
  ...middleAndMost(list.map(({ lastOld }) => lastOld)),
]);
const head = [
  "change",
  "times",
  "done p50 (s)",
  "max",
  "first new answer p50 (s)",
  "max",
  "last old question p50 (s)",
  "max",
];
console.log(`${cpus().length} x ${cpus()[0]!.model}, load ${load}\n`);
console.log(table(head, rows));
console.log(`\n${answers.length} questions answered meanwhile, ${failures.length} failed`);
if (failures.length > 0) {
  console.log(String(failures[0]));
  process.exitCode = 1;
}
