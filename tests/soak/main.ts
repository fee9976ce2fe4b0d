/**
 * `npm run test:soak [-- --minutes 60 --seed N --keep]`: the product under questions, changes and kills, for an hour. Exits 1
 * with the reasons if something was lost, wrong, or grew.
 */
import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { table } from "../../cli/table.ts";
import { fnv1a, seededRandom } from "../../core/base/random.ts";
import { Answers } from "./answers.ts";
import { askAlways } from "./asking.ts";
import { Clock } from "./clock.ts";
import { editDocs } from "./docs.ts";
import { checkCommands, checkLedger, checkLeftovers, checkWorkflows } from "./ending.ts";
import { disturb } from "./faults.ts";
import { Memory, MOST_GROWTH } from "./memory.ts";
import { soakOptions } from "./options.ts";
import { Product, QUERY_WORKERS } from "./product.ts";
import { changeChampions, collect, schedule } from "./releases.ts";

const LIVE_ON = ["winnow up", "workers", "api", QUERY_WORKERS[1]];

if (!existsSync("/proc/self/status")) {
  console.error("The soak reads memory and handles from /proc: run it on Linux.");
  process.exit(2);
}
const { minutes, seed, keep } = readOptions();
console.log(`seed ${seed}, ${minutes} minutes, ${cpus().length} x ${cpus()[0]!.model}`);
let clock = new Clock(minutes);
const product = new Product((reason) => clock.fail(reason));
// Ctrl-C comes twice: from the terminal, and from the script that started this process.
let abandoning = false;
for (const stop of ["SIGINT", "SIGTERM"] as const)
  process.on(stop, () => {
    if (!abandoning) void abandon(130);
    abandoning = true;
  });
try {
  console.log(`state, docs and logs: ${product.folder}`);
  await product.start();
  clock = new Clock(minutes);
  await soak(clock);
} catch (error) {
  console.error(error);
  await abandon(1);
}

/** Everything at once, then the checks and the tables. */
async function soak(during: Clock): Promise<void> {
  const answers = new Answers(during);
  const memory = new Memory(during);
  const randomOf = (name: string) => seededRandom(seed ^ fnv1a(name));
  during.log("a release serves: questions, changes and faults begin");
  await Promise.all([
    askAlways(during, product, answers, randomOf),
    editDocs(during, product, randomOf("docs")),
    changeChampions(during, product, randomOf("champions")),
    schedule(during, product),
    collect(during, product, minutes),
    disturb(during, product, randomOf("faults")),
    memory.watch(product),
  ]);
  during.log(`the faults are over; load ${loadavg()[0]!.toFixed(1)}`);
  const grown = memory.check(LIVE_ON);
  await checkWorkflows(during, product);
  await checkCommands(during, product);
  const code = await product.stop();
  if (code !== 130 && code !== 0) during.fail(`\`winnow up\` exited ${code}`);
  const ledger = await checkLedger(during, product, answers);
  checkLeftovers(during, product);
  report(during, grown, { entries: ledger.length, different: answers.different });
  if (keep || during.wrong.length > 0) console.log(`\nKept: ${product.folder}`);
  else product.remove();
  process.exit(during.wrong.length > 0 ? 1 : 0);
}

function report(during: Clock, grown: string[][], seen: { entries: number; different: number }): void {
  const counts = [
    ...during.table,
    ["ledger: entries", `${seen.entries}`],
    ["answers: different questions and releases", `${seen.different}`],
  ];
  const bounds = Object.values(MOST_GROWTH).flatMap((most) => ["", `${most}`]);
  const head = ["process", "second half", "MB", "grown", "files", "grown", "threads", "grown", "below", "grown"];
  console.log(`\n${table(["", "times"], counts)}`);
  console.log(`\nMedian and growth over the second half\n${table(head, [...grown, ["at most", "", ...bounds]])}`);
  const reasons = during.wrong.map((reason) => `- ${reason}`).join("\n");
  console.log(during.wrong.length > 0 ? `\nFailed, seed ${seed}:\n${reasons}` : `\nPassed, seed ${seed}`);
}

async function abandon(code: number): Promise<never> {
  await product.kill();
  console.log(`Kept: ${product.folder}`);
  process.exit(code);
}

function readOptions() {
  try {
    return soakOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
