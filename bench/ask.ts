/**
 * Closed-loop load of questions through Temporal, on the serving release of WINNOW_HOME. For comparison, the same
 * functions run in one process. With one question at a time the two alternate, so that a busy machine slows both alike.
 *   npm run bench:ask [-- --clients 1,4,16,64 --seconds 15 --set FILE --release ID --workers 1]
 * With `--questions N` instead of `--clients`: N questions by 8 clients, with resident memory every thousand.
 */
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { describeFailure } from "../cli/failure.ts";
import { table } from "../cli/table.ts";
import { ask } from "../client/ask.ts";
import { openRelease } from "../client/openRelease.ts";
import { connectClient } from "../client/temporal.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { embedderDir } from "../core/models/locate.ts";
import { deploy } from "./deployment.ts";
import { closedLoop, type Load, type Outcome, quantile, type Steps, stepTotals } from "./load.ts";
import { openOwn, option } from "./peer.ts";

const WARM_UP = 5;
const LONG_CLIENTS = 8;
const MEMORY_EVERY = 1000;

const config = readCliConfig();
const seconds = Number(option("seconds", "15"));
const set = await loadQuestionSet(option("set", join(projectRoot, "samples", "questions.jsonl")));
const { release, folders } = await openRelease(config, { release: option("release", "") || undefined });
const { ranking, corpus } = release.manifest;
const workers = Number(option("workers", "1"));
const deployment = await deploy(config, workers);
const client = await connectClient(deployment.address, config);
let asked = 0;
const next = () => set[asked++ % set.length]!.query;
const fixed = (number: number, digits = 0) => number.toFixed(digits);

async function through(question = next()): Promise<Outcome> {
  try {
    await ask(client, question, { release: release.id });
    return "answered";
  } catch (error) {
    if (describeFailure(error).name === "Busy") return "busy";
    throw error;
  }
}

/** Times in process and through Temporal, in alternation; `processor`: milliseconds of all those in process. */
async function sideBySide(): Promise<{ direct: number[]; processor: number; load: Load }> {
  const options = { ...folders, release: release.id, ranking, embedderDir: embedderDir(config.cache) };
  const peer = await openOwn("ask.ts", [JSON.stringify({ ...options, threads: config.threads ?? undefined })]);
  for (let at = 0; at < WARM_UP; at++) await peer.request({ question: next() });
  const direct: number[] = [];
  let processor = 0;
  const load: Load = { times: [], refusedAfter: [], seconds: 0 };
  for (const began = performance.now(); performance.now() - began < 2000 * seconds; ) {
    const question = next();
    const start = performance.now();
    await through(question);
    load.times.push(performance.now() - start);
    const own = await peer.request<{ milliseconds: number; processor: number }>({ question });
    direct.push(own.milliseconds);
    processor += own.processor;
  }
  peer.close();
  load.seconds = load.times.reduce((sum, ms) => sum + ms, 0) / 1000;
  return { direct, processor, load };
}

/** The row of a load, with each part's share of the time of its questions. */
function row(name: string, { times, refusedAfter, seconds: took }: Load, steps: Steps | null): string[] {
  const total = times.reduce((sum, ms) => sum + ms, 0) / 1000;
  const share = (part: number) => (steps ? `${fixed((100 * part) / total)} %` : "");
  const spent = (...names: string[]) => names.reduce((sum, step) => sum + (steps?.[step]?.seconds ?? 0), 0);
  const parts = [spent("retrieve"), spent("rerank"), spent("quote", "abstain")];
  const refused = refusedAfter.length ? `${refusedAfter.length} after ${fixed(quantile(refusedAfter, 0.5))} ms` : "0";
  return [
    name,
    fixed(times.length / took, 1),
    ...[0.5, 0.95, 0.99].map((q) => fixed(quantile(times, q))),
    ...parts.map(share),
    share(total - parts.reduce((sum, part) => sum + part, 0)),
    refused,
  ];
}

/** Processor milliseconds of each part of the deployment. */
const processorTimes = () => Object.values(deployment.usage()).map(({ cpuSeconds }) => 1000 * cpuSeconds);

async function measured(load: () => Promise<Load>): Promise<{ load: Load; steps: Steps; cpu: number[] }> {
  const before = await stepTotals(deployment.metrics);
  const used = processorTimes();
  const outcome = await load();
  const cpu = processorTimes().map((now, at) => (now - used[at]!) / outcome.times.length);
  const after = await stepTotals(deployment.metrics);
  const steps = Object.entries(after).map(([step, { seconds, count }]) => {
    const { seconds: earlier = 0, count: fewer = 0 } = before[step] ?? {};
    return [step, { seconds: seconds - earlier, count: count - fewer }];
  });
  return { load: outcome, steps: Object.fromEntries(steps), cpu };
}

async function levels(clients: number[]): Promise<void> {
  const rows: string[][] = [];
  for (const count of clients) {
    let direct: number[] = [];
    let processor = 0;
    const { load, steps, cpu } = await measured(async () => {
      if (count > 1) return closedLoop(count, through, (_, elapsed) => elapsed > seconds);
      const both = await sideBySide();
      ({ direct, processor } = both);
      return both.load;
    });
    if (count === 1) {
      const total = direct.reduce((sum, ms) => sum + ms, 0) / 1000;
      const inProcess = row("1, in process", { times: direct, refusedAfter: [], seconds: total }, null);
      rows.push([...inProcess, fixed(processor / direct.length)]);
      const [own, all] = [quantile(direct, 0.5), quantile(load.times, 0.5)];
      console.log(
        `p50 of one at a time: ${fixed(all)} ms through Temporal, ${fixed(own)} ms in process; target 1.25 x + 60 ms = ` +
          `${fixed(1.25 * own + 60)} ms: ${all <= 1.25 * own + 60 ? "met" : "missed"} (${direct.length} questions each)\n`,
      );
    }
    rows.push([...row(`${count}`, load, steps), cpu.map((ms) => fixed(ms)).join(" + ")]);
  }
  const parts = Object.keys(deployment.usage()).join(" + ");
  const head = [
    "clients",
    "questions/s",
    "p50 ms",
    "p95",
    "p99",
    "retrieval",
    "reranking",
    "answering",
    "Temporal and waiting",
    "refused",
    "processor ms each",
  ];
  console.log(`${table(head, rows)}\n\nProcessor time of ${parts}; the latter with its compute processes.`);
}

async function memory(questions: number): Promise<void> {
  const rows: string[][] = [];
  for (let done = 0; done < questions; ) {
    const goal = Math.min(MEMORY_EVERY, questions - done);
    const load = await closedLoop(LONG_CLIENTS, through, (answered) => answered >= goal);
    done += load.times.length;
    const held = Object.values(deployment.usage()).map(({ megabytes }) => fixed(megabytes));
    rows.push([
      `${done}`,
      ...held,
      fixed(done ? load.times.length / load.seconds : 0, 1),
      fixed(quantile(load.times, 0.5)),
      fixed(quantile(load.times, 0.99)),
    ]);
    console.log(rows.at(-1)!.join("  "));
  }
  const head = [
    "questions",
    ...Object.keys(deployment.usage()).map((name) => `${name} MB`),
    "questions/s",
    "p50 ms",
    "p99",
  ];
  console.log(`\n${table(head, rows)}`);
}

try {
  for (let at = 0; at < WARM_UP * workers; at++) await through();
  console.log(
    `release ${release.id} of ${corpus}, ranking ${ranking}; ${cpus().length} x ${cpus()[0]!.model}, ` +
      `load ${fixed(loadavg()[0]!, 1)}, ${workers} query worker(s)\n`,
  );
  const many = Number(option("questions", "0"));
  if (many > 0) await memory(many);
  else await levels(option("clients", "1,4,16,64").split(",").map(Number));
} finally {
  await client.connection.close();
  await deployment.stop();
}
