import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { openRelease } from "../client/openRelease.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import type { AskResult } from "../contracts/ask.ts";
import type { SearchResult } from "../contracts/passage.ts";
import type { Asked } from "../core/answering/asked.ts";
import { answerBy } from "../core/answering/modes/index.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { type JudgedAnswer, judgeAnswer } from "../core/judging/answers.ts";
import type { Question } from "../core/judging/question.ts";
import { createJudge } from "../core/judging/relevance.ts";
import { embedderDir } from "../core/models/locate.ts";
import { withoutTexts } from "../core/serving/ranked.ts";
import { openService } from "../core/stages/services.ts";

/** Candidates kept per search. */
const DEPTH = 30;

/** A question with the answer that a user without an LLM reads. */
export interface Answered {
  question: Question;
  result: AskResult;
  judged: JudgedAnswer;
}

/** Caches results of slow calls by their arguments, in a file. */
export class Memory {
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

  /** As `recall`, for one result per key. Only missing results are made, in one call. */
  async recallEach<T>(keys: string[], make: (missing: number[]) => Promise<T[]>): Promise<T[]> {
    const missing = keys.flatMap((key, at) => (key in this.known ? [] : [at]));
    const made = missing.length > 0 ? await make(missing) : [];
    for (const [n, at] of missing.entries()) this.known[keys[at]!] = made[n];
    this.grown ||= missing.length > 0;
    return keys.map((key) => this.known[key] as T);
  }

  save(): void {
    if (this.file && this.grown) writeFileSync(this.file, JSON.stringify(this.known));
  }
}

type Choice = { release?: string; corpus?: string };
type Engine = Awaited<ReturnType<typeof openService>>;

/** Answers every question whose judgments fit the release by quotation from at most `passages` passages. */
export async function answerSet(
  questions: readonly Question[],
  choice: Choice,
  passages: number,
  memory: Memory,
): Promise<{ release: string; answers: Answered[] }> {
  const config = readCliConfig();
  const { release, folders } = await openRelease(config, choice);
  const judge = createJudge(await readPassages(folders.ingestDir));
  const { ranking, corpus } = release.manifest;
  const service = { ...folders, release: release.id, ranking, embedderDir: embedderDir(config.cache) };
  let opened: Promise<Engine> | null = null;
  const engine = (): Promise<Engine> => {
    opened ??= openService("engine", service, { threads: config.threads ?? undefined });
    return opened;
  };
  const similarities = (about: string, texts: string[]) =>
    memory.recallEach(
      texts.map((text) => JSON.stringify([about, text])),
      async (missing) =>
        (await engine()).request(
          "similarities",
          about,
          missing.map((at) => texts[at]!),
        ),
    );
  const answers: Answered[] = [];
  for (const question of questions.filter((each) => !judge.resolve(each).stale)) {
    const { query } = question;
    const search = await memory.recall<SearchResult>(`${release.id} ${query}`, async () =>
      (await engine()).request("search", query, DEPTH),
    );
    const ranked = { question: query, corpus, passages, ranked: withoutTexts(search) };
    const asked = await memory.recall<Asked>(`asked ${release.id} ${passages} ${query}`, async () =>
      (await engine()).request("asked", ranked),
    );
    const result = await answerBy("quotation", asked, { similarities, llm: null, failure: null });
    const judged = judgeAnswer(question, result, asked.search.passages.slice(0, asked.passages));
    answers.push({ question, result, judged });
  }
  memory.save();
  await (opened as Promise<Engine> | null)?.then((open) => open.close());
  return { release: release.id, answers };
}
