/**
 * How often an answer by quotation is right, on serving releases:
 *   npm run bench:answers -- [--set CORPUS=FILE]... [--passages 4] [--half develop|report] [--cache FILE] [--show N] [--missed] [--json]
 * Without `--set`: the sample and the projects of research/questions whose corpora have a champion. An answer is right if
 * it contains the judged evidence or cites a judged section. `--half` splits the questions by a hash of their id:
 * settings tuned on one half can be reported on the other. `--cache` keeps searches and cosines between runs.
 */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../cli/table.ts";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { askInputSchema } from "../contracts/ask.ts";
import { type AnswerFigures, isRight, summarizeAnswers } from "../core/judging/answers.ts";
import type { Question } from "../core/judging/question.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { type Answered, answerSet, Memory } from "./answeredSets.ts";

const { values: options } = parseArgs({
  options: {
    set: { type: "string", multiple: true },
    passages: { type: "string", default: String(askInputSchema.shape.passages.parse(undefined)) },
    half: { type: "string" },
    cache: { type: "string" },
    show: { type: "string", default: "0" },
    missed: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

interface QuestionsOf {
  corpus: string;
  file: string;
}

async function chosenSets(): Promise<QuestionsOf[]> {
  if (options.set)
    return options.set.map((spec) => {
      const [corpus = "", file = ""] = spec.split("=");
      return { corpus, file: resolve(file) };
    });
  const folder = join(projectRoot, "research", "questions");
  const projects = readdirSync(folder).flatMap((name) =>
    name.endsWith(".jsonl") ? [{ corpus: name.slice(0, -".jsonl".length), file: join(folder, name) }] : [],
  );
  const known = [{ corpus: "sample", file: join(projectRoot, "samples", "questions.jsonl") }, ...projects];
  const served = await Promise.all(known.map((set) => serves(set.corpus)));
  for (const { corpus } of known.filter((_, at) => !served[at])) console.error(`${corpus}: no release serves`);
  return known.filter((_, at) => served[at]);
}

async function serves(corpus: string): Promise<boolean> {
  return openRelease(readCliConfig(), { corpus }).then(
    () => true,
    () => false,
  );
}

function inHalf(question: Question): boolean {
  if (options.half === undefined) return true;
  const even = createHash("sha256").update(question.id).digest()[0]! % 2 === 0;
  return even === (options.half === "develop");
}

function show({ question, result, judged }: Answered): string {
  const wanted = question.relevant.map(({ path, heading, evidence }) => `  ~ ${path} # ${heading}: ${evidence ?? ""}`);
  const cited = result.citations.map(({ page, heading }, at) => `  [${at + 1}] ${page}: ${heading.join(" > ")}`);
  const head = `\n=== ${question.id} ${question.kind} (${result.kind}, ${stateOf({ judged })}) ${question.query}`;
  return [head, ...wanted, "---", result.answer, ...cited].join("\n");
}

function stateOf({ judged }: Pick<Answered, "judged">): string {
  if (!judged.answerable) return "unanswerable";
  if (judged.firstIsRight) return "right";
  if (isRight(judged)) return "right, not first";
  return judged.reachable ? "MISSED" : "out of reach";
}

const percent = (share: number) => (100 * share).toFixed(1);

function rowOf(corpus: string, figures: AnswerFigures): string[] {
  const { right } = figures;
  const shares = [
    "firstIsRight",
    "holdsEvidence",
    "citesSection",
    "reachable",
    "refused",
    "unsure",
    "rightlyRefused",
  ] as const;
  return [
    corpus,
    `${figures.answerable} + ${figures.unanswerable}`,
    `${percent(right.value)} [${percent(right.low)}, ${percent(right.high)}]`,
    ...shares.map((name) => percent(figures[name].value)),
    figures.quotes.toFixed(2),
    figures.characters.toFixed(0),
  ];
}

const HEADER = [
  "corpus",
  "questions",
  "right [95 %]",
  "first quote right",
  "evidence",
  "section",
  "within reach",
  "refused",
  "unsure",
  "unanswerable refused",
  "quotes an answer",
  "characters",
];

const memory = new Memory(options.cache);
const sets: { corpus: string; release: string; answers: Answered[] }[] = [];
for (const { corpus, file } of await chosenSets()) {
  const questions = (await loadQuestionSet(file)).filter(inHalf);
  sets.push({ corpus, ...(await answerSet(questions, { corpus }, Number(options.passages), memory)) });
}
const all = sets.flatMap(({ answers }) => answers);
const shown = options.missed ? all.filter(({ judged }) => judged.answerable && !judged.firstIsRight) : all;
for (const answered of shown.slice(0, Number(options.show))) console.error(show(answered));

const figuresOf = (answers: Answered[]) => summarizeAnswers(answers.map(({ judged }) => judged));
if (options.json) {
  const rows = sets.map(({ corpus, release, answers }) => ({ corpus, release, ...figuresOf(answers) }));
  console.log(JSON.stringify({ half: options.half ?? "all", passages: Number(options.passages), sets: rows }));
} else {
  const rows = sets.map(({ corpus, answers }) => rowOf(corpus, figuresOf(answers)));
  console.log(table(HEADER, sets.length > 1 ? [...rows, rowOf("all", figuresOf(all))] : rows));
}
