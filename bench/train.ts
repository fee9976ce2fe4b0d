/**
 * Training speed and memory on the same model, pairs and lengths: Winnow, and sentence-transformers'
 * CrossEncoderTrainer if WINNOW_BENCH_PYTHON names a Python that has it. Both start from the base's encoder with a
 * fresh head, with frozen word embeddings, binary cross-entropy and AdamW. Winnow also trains its joint layers alone: on
 * texts seen for the first time, and on those of the round once more. Each runs in its own process, and the rounds
 * alternate, so that a busy machine slows all alike.
 *   npm run bench:train [-- --base DIR --rounds 3 --steps 4 --threads 2 --provider cuda]
 */
import { availableParallelism, cpus, homedir, loadavg } from "node:os";
import { join } from "node:path";
import { table } from "../cli/table.ts";
import { embedderDir } from "../core/models/locate.ts";
import { median, openOwn, openPeer, option } from "./peer.ts";
import { textMaker } from "./text.ts";

const MAX_TOKENS = 176;
const GROUPS_A_STEP = 4;
const PASSAGES_A_GROUP = 8;
const BATCH = GROUPS_A_STEP * PASSAGES_A_GROUP;
const WORKLOADS = {
  "160 tokens each": () => 160,
  "40 to 176 tokens": (random: () => number) => 40 + Math.floor(137 * random()),
};

interface Answer {
  seconds: number;
  tokens?: number;
  megabytes: number;
}

const base = option("untrained", embedderDir(process.env.WINNOW_CACHE ?? join(homedir(), ".cache", "winnow")));
const rounds = Number(option("rounds", "3"));
const steps = Number(option("steps", "4"));
const threads = option("threads", String(availableParallelism()));
const provider = option("provider", "cpu");
const { text, random } = await textMaker(base, 7);
const groupsOf = (count: number, lengthOf: (random: () => number) => number) =>
  Array.from({ length: count }, () => ({
    question: text(10),
    passages: Array.from({ length: PASSAGES_A_GROUP }, () => text(lengthOf(random) - 13)),
  }));

const settings = [base, threads, String(MAX_TOKENS), provider];
const peer = await openPeer("train.py", settings);
const joint = await openOwn("train.ts", [...settings, "joint"]);
const contenders = new Map([
  ["winnow", await openOwn("train.ts", [...settings, "all"])],
  ["winnow, joint layers, new texts", joint],
  ["winnow, joint layers, known texts", joint],
]);
if (peer) contenders.set("sentence-transformers", peer);
for (const contender of contenders.values()) {
  await contender.request({ batch: BATCH, groups: groupsOf(GROUPS_A_STEP, () => 160) });
}
console.log(`${cpus()[0]!.model}, ${threads} threads, ${provider}, load ${loadavg()[0]!.toFixed(1)}`);
console.log(`${rounds} rounds of ${steps} steps of ${BATCH} pairs, medians\n`);
for (const [name, lengthOf] of Object.entries(WORKLOADS)) {
  const answers = new Map([...contenders.keys()].map((contender) => [contender, [] as Answer[]]));
  let tokens = 0;
  for (let round = 0; round < rounds; round++) {
    const groups = groupsOf(steps * GROUPS_A_STEP, lengthOf);
    for (const [contender, program] of contenders) {
      const answer = await program.request<Answer>({ batch: BATCH, groups });
      if (contender === "winnow") tokens += answer.tokens!;
      answers.get(contender)!.push(answer);
    }
  }
  const secondsOf = (contender: string) => median(answers.get(contender)!.map(({ seconds }) => seconds));
  const rows = [...answers].map(([contender, list]) => [
    contender,
    ((steps * BATCH) / secondsOf(contender)).toFixed(2),
    (tokens / rounds / secondsOf(contender)).toFixed(0),
    Math.max(...list.map(({ megabytes }) => megabytes)).toFixed(0),
    peer ? (secondsOf("sentence-transformers") / secondsOf(contender)).toFixed(2) : "",
  ]);
  const head = ["contender", "pairs/s", "tokens/s", "peak MB", "x sentence-transformers"];
  console.log(`${name}\n${table(head, rows)}\n`);
}
for (const contender of new Set(contenders.values())) contender.close();
