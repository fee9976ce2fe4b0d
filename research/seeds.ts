/**
 * Gain of fine-tuning by seed and number of steps, with and without `strict`. PyTorch runs the recipe on a GPU, where a
 * run of 90 minutes on two cores takes half a minute. The product's own fit judges it. Three commands:
 *   npm run bench:seeds -- export --set NAME=DOCS=QUESTIONS --folder FOLDER
 *   python3 research/peers/seeds.py FOLDER MODEL_DIR FOLDER/logits.json [--steps 340,1800 --seeds 17,18,19]
 *   npm run bench:seeds -- judge --set NAME=DOCS=QUESTIONS --folder FOLDER [--patience 3]
 * The second needs no Node, so it can run on another machine. A run's weights are those of its best validation. As in
 * the product, a token's rarity is counted over all passages.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withInterval } from "../bench/figures.ts";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { TrainingGroup } from "../core/artifacts/groups.ts";
import { eachWindowInput } from "../core/artifacts/passages.ts";
import { readJsonLines } from "../core/base/jsonl.ts";
import { quietContext } from "../core/base/progress.ts";
import { mean } from "../core/base/statistics.ts";
import { abstentionDetails } from "../core/judging/abstention.ts";
import { difference, rerankerRuns, retrievalRuns, servedRun } from "../core/judging/ladder.ts";
import type { ScoredQuestion } from "../core/judging/scored.ts";
import { serveOutOfFold } from "../core/judging/served.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { embedderDir } from "../core/models/locate.ts";
import { tokenRarity } from "../core/models/rarity.ts";
import type { HostTensor } from "../core/models/safetensors.ts";
import { openTokenizer } from "../core/models/tokenizer.ts";
import type { Tokenizer } from "../core/models/wholeText.ts";
import { MAX_PAIR_TOKENS, MAX_QUESTION_TOKENS } from "../core/models/wholeText.ts";
import { prepareTraining } from "../core/stages/work/prepare.ts";
import { settingsOf } from "../core/training/loop/settings.ts";
import { docsSetOf, openDocs, type Parts, scoredSet } from "./scoredSets.ts";

/** Output of `research/peers/seeds.py`: logits of all judged pairs at each validation. */
interface Trained {
  device: string;
  untrained: { validation: Record<string, number>; logits: number[] };
  runs: { set: string; steps: number; seed: number; seconds: number; marks: Mark[] }[];
}

interface Mark {
  step: number;
  validation: number;
  logits: number[];
}

const SEED = 17;

const { values: options, positionals } = parseArgs({
  options: { set: { type: "string" }, folder: { type: "string" }, patience: { type: "string", default: "0" } },
  allowPositionals: true,
});
const [command] = positionals;
if (!options.set || !options.folder || !["export", "judge"].includes(command ?? "")) {
  console.error("bench:seeds needs export or judge, --set NAME=DOCS=QUESTIONS and --folder FOLDER");
  process.exit(2);
}
const set = docsSetOf(options.set);
const { folder } = options;
const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);

/** Numbers texts, each stored once. */
class Texts {
  private readonly numbers = new Map<string, number>();

  numberOf(text: string): number {
    const known = this.numbers.get(text);
    if (known === undefined) this.numbers.set(text, this.numbers.size);
    return known ?? this.numbers.size - 1;
  }

  /** Wordpieces of each text, without special tokens, at most `limit`. */
  encoded(tokenizer: Tokenizer, limit: number): number[][] {
    return [...this.numbers.keys()].map((text) => tokenizer.encode(text, limit + 2).ids.slice(1, -1));
  }
}

async function exportSets(parts: Parts): Promise<void> {
  const [questions, passages] = [new Texts(), new Texts()];
  const numbered = ({ question, passages: texts, teacher }: TrainingGroup) => ({
    question: questions.numberOf(question),
    passages: texts.map((text) => passages.numberOf(text)),
    teacher,
  });
  const judged = (await scoredSet(set, parts)).map(({ query, inputs }) =>
    numbered({ question: query, passages: inputs }),
  );
  const sets: Record<string, object> = {};
  const trained: TrainingGroup[] = [];
  const work = await mkdtemp(join(tmpdir(), "winnow-seeds-"));
  const tokenizer = await openTokenizer(modelDir);
  let rarity: HostTensor;
  try {
    const { retriever, ...dirs } = await openDocs(set.docs, work, parts);
    retriever.close();
    rarity = await tokenRarity(tokenizer, eachWindowInput(dirs.ingestDir), tokenizer.largestId + 1);
    for (const strict of [false, true]) {
      const outDir = join(work, `data-${strict}`);
      const given = { ...dirs, modelDir, questionsFile: set.questions, strict, seed: SEED, outDir };
      const report = await prepareTraining(given, quietContext());
      console.error(`strict ${strict}: ${report.groups} groups, ${report.validation} for validation`);
      const [groups, validation] = await Promise.all(
        ["groups", "validation"].map((name) => readJsonLines<TrainingGroup>(join(outDir, `${name}.jsonl`))),
      );
      sets[strict ? "strict" : "all pages"] = {
        groups: groups!.map(numbered),
        validation: validation!.map(numbered),
      };
      if (!strict) trained.push(...groups!);
    }
  } finally {
    await rm(work, { recursive: true });
  }
  const settings = settingsOf({ ...NOTHING_ELSE, baseDir: modelDir, groups: trained });
  await mkdir(folder!, { recursive: true });
  const data = {
    settings,
    servingTokens: MAX_PAIR_TOKENS,
    frame: tokenizer.frame,
    rarity: Array.from(rarity.data, (x) => Number(x.toFixed(5))),
    questions: questions.encoded(tokenizer, MAX_QUESTION_TOKENS),
    passages: passages.encoded(tokenizer, MAX_PAIR_TOKENS),
    judged,
    sets,
  };
  await writeFile(join(folder!, "data.json"), JSON.stringify(data));
}

/** The recipe's settings are the defaults; these remaining fields do not affect them. */
const NOTHING_ELSE = { validation: [], outDir: "", checkpointDir: "", budgetMinutes: 1, seed: SEED };

/** The same questions with these logits, in order, as those of the tuned reranker. */
function tunedBy(questions: ScoredQuestion[], logits: number[]): ScoredQuestion[] {
  let at = 0;
  return questions.map((question) => {
    const own = logits.slice(at, at + question.candidates.length);
    at += own.length;
    return { ...question, logits: { ...question.logits, tuned: own } };
  });
}

/** The mark whose weights are kept, and the last mark reached. */
function keptOf(marks: Mark[], patience: number): { best: Mark; last: Mark } {
  let best = marks[0]!;
  for (const [at, mark] of marks.entries()) {
    if (mark.validation > best.validation) best = mark;
    if (patience > 0 && at - marks.indexOf(best) >= patience) return { best, last: mark };
  }
  return { best, last: marks.at(-1)! };
}

const show = (value: number | null) => value?.toFixed(2) ?? "n/a";

/** Results with the weights of `logits`: nDCG@10 of the logit alone and as served, and the rates of refusals. */
function figuresOf(before: ScoredQuestion[], logits: number[]) {
  const scored = tunedBy(before, logits);
  const own = serveOutOfFold(scored, "tuned");
  const run = servedRun(ROWS.served, scored, own.questions);
  const alone = mean(rerankerRuns(scored)[1]!.perQuestion.map((metrics) => metrics["ndcg@10"]));
  return { run, alone, served: mean(run.perQuestion.map((metrics) => metrics["ndcg@10"])), ...abstentionDetails(own) };
}

type Figures = ReturnType<typeof figuresOf>;

function refusalCells({ aurocNear, aurocOffTopic, falseAnswerRate, falseRefusalRate }: Figures): string[] {
  return [aurocNear, aurocOffTopic, falseAnswerRate, falseRefusalRate].map(show);
}

function judge(questions: ScoredQuestion[], { device, untrained, runs }: Trained, patience: number): void {
  const off = Math.max(
    ...questions.flatMap((question) => question.logits.untrained!).map((x, i) => Math.abs(x - untrained.logits[i]!)),
  );
  console.log(`${set.name}, ${device}; logits before training at most ${off.toFixed(2)} from those of ONNX Runtime\n`);
  const before = figuresOf(questions, untrained.logits);
  const runsBelow = retrievalRuns(questions);
  const rrf = runsBelow.find(({ name }) => name === ROWS.rrf)!;
  const retrieval = runsBelow.find(({ name }) => name === ROWS.retrieval)!;
  const gain = (run: Figures["run"], other: Figures["run"]) =>
    withInterval(difference(run, other, "ndcg@10", { seed: SEED }));
  const rowOf = (names: string[], figures: Figures, validation: string) => {
    const gains = [before.run, rrf, retrieval].map((other) => gain(figures.run, other));
    return [
      ...names,
      validation,
      figures.alone.toFixed(3),
      figures.served.toFixed(3),
      ...gains,
      ...refusalCells(figures),
    ];
  };
  const rows = [
    rowOf(
      ["before training", "", "", ""],
      before,
      Object.values(untrained.validation)
        .map((x) => x.toFixed(3))
        .join(", "),
    ),
  ];
  const courses: string[][] = [];
  for (const { set: pages, steps, seed, marks } of runs) {
    const { best, last } = keptOf(marks, patience);
    const names = [pages, `${last.step} of ${steps}`, String(seed), String(best.step)];
    const figures = marks.map(({ logits }) => figuresOf(questions, logits));
    rows.push(rowOf(names, figures[marks.indexOf(best)]!, best.validation.toFixed(3)));
    const course = marks.map(({ step, validation }, at) => {
      const { served, alone } = figures[at]!;
      return `${step}: ${[validation, alone, served].map((value) => value.toFixed(3)).join(" ")}`;
    });
    courses.push([pages, String(steps), String(seed), course.join("; ")]);
  }
  const gains = ["to before training", "over RRF", "over retrieval"];
  const refusals = ["AUROC near", "off-topic", "false answers", "false refusals"];
  const head = ["pages", "steps", "seed", "best step", "validation", "logit alone", "served", ...gains, ...refusals];
  console.log(table(head, rows));
  console.log(`\n${table(["pages", "steps", "seed", "step: validation, logit alone, served"], courses)}`);
}

const embedder = await openEmbedder(modelDir);
try {
  const parts = { embedder, modelDir, home: config.home };
  if (command === "export") await exportSets(parts);
  else {
    const questions = (await scoredSet(set, parts)).map(({ question }) => question);
    const trained: Trained = JSON.parse(await readFile(join(folder, "logits.json"), "utf8"));
    judge(questions, trained, Number(options.patience));
  }
} finally {
  await embedder.close();
}
