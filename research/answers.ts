/**
 * How often an answer by quotation is right, on the serving release:
 *   npm run bench:answers -- --questions FILE [--passages 3] [--corpus NAME | --release ID] [--half develop|report] [--cache FILE] [--show N] [--json]
 * An answer is right if it contains the judged evidence or cites a judged section. `--half` splits the questions by a
 * hash of their id: settings tuned on one half can be reported on the other. `--cache` keeps searches and cosines
 * between runs.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../cli/table.ts";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import type { AskResult } from "../contracts/ask.ts";
import type { Asked } from "../core/answering/asked.ts";
import { answerBy } from "../core/answering/modes/index.ts";
import type { Tools } from "../core/answering/modes/mode.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { isRight, type JudgedAnswer, judgeAnswer, summarizeAnswers } from "../core/judging/answers.ts";
import type { Question } from "../core/judging/question.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { createJudge } from "../core/judging/relevance.ts";
import { embedderDir } from "../core/models/locate.ts";
import { withoutTexts } from "../core/serving/ranked.ts";
import { openService } from "../core/stages/tasks.ts";

/** Candidates kept per search. */
const DEPTH = 30;

const { values: options } = parseArgs({
  options: {
    questions: { type: "string", default: join(process.env.WINNOW_TEST_DATA ?? "../shared", "eval/k8s-dev.jsonl") },
    release: { type: "string" },
    corpus: { type: "string" },
    passages: { type: "string", default: "3" },
    half: { type: "string" },
    cache: { type: "string" },
    show: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});

/** Caches results of slow calls by their arguments, in a file. */
class Memory {
  private readonly known: Record<string, unknown>;
  private grown = false;

  constructor(private readonly file: string | undefined) {
    this.known = file && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  }

  async recall<T>(key: string, make: () => Promise<T>): Promise<T> {
    if (!(key in this.known)) {
      this.known[key] = await make();
      this.grown = true;
    }
    return this.known[key] as T;
  }

  save(): void {
    if (this.file && this.grown) writeFileSync(this.file, JSON.stringify(this.known));
  }
}

function inHalf(question: Question): boolean {
  if (options.half === undefined) return true;
  const even = createHash("sha256").update(question.id).digest()[0]! % 2 === 0;
  return even === (options.half === "develop");
}

async function answerAll(questions: Question[]): Promise<{ release: string; answers: Answered[] }> {
  const config = readCliConfig();
  const { release, folders } = await openRelease(config, options);
  const passages = await readPassages(folders.ingestDir);
  const judge = createJudge(passages);
  const live = questions.filter((question) => !judge.resolve(question).stale);
  const { ranking, corpus } = release.manifest;
  const service = { ...folders, release: release.id, ranking, embedderDir: embedderDir(config.cache) };
  let opened: ReturnType<typeof openEngine> | null = null;
  const openEngine = () => openService("engine", service, { threads: config.threads ?? undefined });
  const engine = () => {
    opened ??= openEngine();
    return opened;
  };
  const memory = new Memory(options.cache);
  const answers: Answered[] = [];
  for (const question of live) {
    const { query } = question;
    const search = await memory.recall(`${release.id} ${query}`, async () =>
      (await engine()).request("search", query, DEPTH),
    );
    const similarities = (about: string, texts: string[]) =>
      memory.recall(JSON.stringify([about, texts]), async () => (await engine()).request("similarities", about, texts));
    const ranked = { question: query, corpus, passages: Number(options.passages), ranked: withoutTexts(search) };
    const asked = await memory.recall(`asked ${release.id} ${options.passages} ${query}`, async () =>
      (await engine()).request("asked", ranked),
    );
    answers.push(await answerOne(question, asked, similarities));
  }
  memory.save();
  await (opened as ReturnType<typeof openEngine> | null)?.then((open) => open.close());
  return { release: release.id, answers };
}

interface Answered {
  question: Question;
  result: AskResult;
  judged: JudgedAnswer;
}

async function answerOne(question: Question, asked: Asked, similarities: Tools["similarities"]): Promise<Answered> {
  const result = await answerBy("quotation", asked, { similarities, llm: null, failure: null });
  return { question, result, judged: judgeAnswer(question, result, asked.search.passages.slice(0, asked.passages)) };
}

function show({ question, result, judged }: Answered): string {
  const state = !judged.answerable
    ? "unanswerable"
    : isRight(judged)
      ? "right"
      : judged.reachable
        ? "MISSED"
        : "out of reach";
  const wanted = question.relevant.map(({ path, heading, evidence }) => `  ~ ${path} # ${heading}: ${evidence ?? ""}`);
  const cited = result.citations.map(({ page, heading }, at) => `  [${at + 1}] ${page}: ${heading.join(" > ")}`);
  return [
    `\n=== ${question.id} ${question.kind} (${result.kind}, ${state}) ${question.query}`,
    ...wanted,
    "---",
    result.answer,
    ...cited,
  ].join("\n");
}

const { release, answers } = await answerAll((await loadQuestionSet(resolve(options.questions))).filter(inHalf));
const figures = summarizeAnswers(answers.map(({ judged }) => judged));
for (const answered of answers.slice(0, Number(options.show))) console.error(show(answered));
if (options.json) console.log(JSON.stringify({ release, half: options.half ?? "all", ...figures }));
else {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const row = (name: string, { value, low, high }: { value: number; low: number; high: number }) => [
    name,
    percent(value),
    `${percent(low)} .. ${percent(high)}`,
  ];
  const { answerable, unanswerable } = figures;
  console.log(
    `release ${release}, ${options.half ?? "all"} questions: ${answerable} answerable, ${unanswerable} not; at most ${options.passages} passages\n`,
  );
  console.log(
    table(
      ["of answerable questions", "share", "95 %"],
      [
        row("right (evidence or section)", figures.right),
        row("contains the evidence", figures.holdsEvidence),
        row("cites the section", figures.citesSection),
        row("first quote is right", figures.firstIsRight),
        row("within reach", figures.reachable),
        row("refused", figures.refused),
        row("unanswerable questions refused", figures.rightlyRefused),
      ],
    ),
  );
  console.log(`\nMean length of an answer: ${figures.characters.toFixed(0)} characters.`);
}
