/**
 * Time to rerank 30 passages, side by side: Winnow in float32 and int8, each by the whole pass and by late joint
 * reranking without states (cold) and with those of all passages (warm), and sentence-transformers if
 * WINNOW_BENCH_PYTHON names a Python that has it. The rounds alternate, so that a busy machine slows all alike.
 *   npm run bench:rerank [-- --base DIR --rounds 15 --threads 2]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { PRECISIONS } from "../contracts/evaluation.ts";
import { quietContext } from "../core/base/progress.ts";
import { openCrossEncoder } from "../core/models/crossEncoder.ts";
import { StatesInMemory } from "../core/models/late/keptStates.ts";
import { embedderDir } from "../core/models/locate.ts";
import { usablePrecision } from "../core/onnx/integerProducts.ts";
import { trainCrossEncoder } from "../core/training/loop/trainer.ts";
import { median, openPeer, option } from "./peer.ts";
import { textMaker } from "./text.ts";

const PASSAGES = 30;
const QUESTION_TOKENS = 12;
const SPECIAL_TOKENS = 3;
/** Tokens of each pair: those of the target, and lengths as retrieval returns them. */
const WORKLOADS = {
  "160 tokens each": () => 160,
  "40 to 200 tokens": (random: () => number) => 40 + Math.floor(160 * random()),
};
const PLENTY = 2 ** 30;

/** Counts what it is given to keep. */
class Counted extends StatesInMemory {
  count = 0;
  total = 0;
  override keep(...args: Parameters<StatesInMemory["keep"]>): void {
    this.count++;
    this.total += args[2].byteLength;
    super.keep(...args);
  }
}

const base = option("untrained", embedderDir(process.env.WINNOW_CACHE ?? join(homedir(), ".cache", "winnow")));
const rounds = Number(option("rounds", "15"));
const threads = Number(option("threads", String(availableParallelism())));
const { text, random } = await textMaker(base, 11);

const folder = await mkdtemp(join(tmpdir(), "winnow-bench-"));
const groups = [{ question: text(8), passages: [text(20), text(20)] }];
const training = { baseDir: base, groups, validation: [], outDir: folder, checkpointDir: join(folder, "checkpoints") };
await trainCrossEncoder({ ...training, budgetMinutes: 1, maxSteps: 1, seed: 1, threads }, quietContext());
if ((await usablePrecision("int8")) !== "int8")
  console.log("int8 twin: skipped, this processor (no VNNI) computes it wrongly");
const peer = await openPeer("rerank.py", [base, String(threads)]);
console.log(`${cpus()[0]!.model}, ${threads} threads, load ${loadavg()[0]!.toFixed(1)}, ${rounds} rounds\n`);
for (const [name, lengthOf] of Object.entries(WORKLOADS)) {
  const question = text(QUESTION_TOKENS);
  const passages = Array.from({ length: PASSAGES }, () => text(lengthOf(random) - QUESTION_TOKENS - SPECIAL_TOKENS));
  const contenders = new Map<string, () => Promise<number>>();
  const opened = [];
  const warm = new Counted(PLENTY);
  for (const precision of PRECISIONS) {
    if (precision !== (await usablePrecision(precision))) continue;
    const ways = { "whole pass": undefined, "late joint, cold": new StatesInMemory(0), "late joint, warm": warm };
    for (const [way, states] of Object.entries(ways)) {
      const reranker = await openCrossEncoder(folder, { threads, precision, states });
      opened.push(reranker);
      contenders.set(`winnow ${precision}, ${way}`, async () => {
        const began = performance.now();
        await reranker.score(question, passages);
        return performance.now() - began;
      });
    }
  }
  if (peer) {
    contenders.set("sentence-transformers", async () => {
      return (await peer.request<{ milliseconds: number }>({ question, passages })).milliseconds;
    });
  }
  const times = new Map([...contenders.keys()].map((contender) => [contender, [] as number[]]));
  for (const run of contenders.values()) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [contender, run] of contenders) times.get(contender)!.push(await run());
  }
  const slowest = times.get("sentence-transformers");
  console.log(
    `${PASSAGES} passages, ${name}; ${Math.round(warm.total / warm.count)} bytes of states a passage\n${table(
      ["contender", "p50 ms", "best ms", "x sentence-transformers"],
      [...times].map(([contender, list]) => [
        contender,
        median(list).toFixed(0),
        Math.min(...list).toFixed(0),
        slowest ? (median(slowest) / median(list)).toFixed(2) : "",
      ]),
    )}\n`,
  );
  for (const reranker of opened) await reranker.close();
}
peer?.close();
await rm(folder, { recursive: true, force: true });
