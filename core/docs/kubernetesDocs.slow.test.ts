import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readJsonLines } from "../base/jsonl.ts";
import { quietContext } from "../base/progress.ts";
import { loadQuestionSet } from "../judging/questionSet.ts";
import { createJudge } from "../judging/relevance.ts";
import { embedderDir } from "../models/locate.ts";
import { openTokenizer } from "../models/tokenizer.ts";
import { type IngestReport, ingestDocs } from "../stages/work/ingest.ts";
import { passageInput } from "./passageText.ts";
import { type StoredPassage, windowInputs } from "./windows.ts";

const data = process.env.WINNOW_TEST_DATA ?? "../shared";
const source = join(data, "data/k8s-docs-2025-04.tar.gz");
const questionsFile = join(data, "eval/k8s-dev.jsonl");
const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const tokenizerDir = embedderDir(cache);
const absent = ![source, questionsFile, tokenizerDir].every((path) => existsSync(path));

describe.skipIf(absent)(`ingest of ${source}`, () => {
  let outDir: string;
  let report: IngestReport;
  let passages: StoredPassage[];
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), "winnow-kubernetes-"));
    report = await ingestDocs({ source, outDir, tokenizerDir }, quietContext());
    passages = await readJsonLines(join(outDir, "passages.jsonl"));
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  it("reads at least 1,450 pages and quarantines under 3 %", () => {
    expect(report.pages).toBeGreaterThanOrEqual(1450);
    expect(report.quarantined / (report.pages + report.quarantined)).toBeLessThan(0.03);
    expect(report.passages).toBe(passages.length);
  });

  it("gives every passage a unique id, and keeps passages and windows within their wordpiece budgets", async () => {
    const tokenizer = await openTokenizer(tokenizerDir);
    expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    const over = passages.filter((passage) => tokenizer.count(passageInput(passage)) > 448);
    const windows = passages.flatMap(windowInputs);
    const overWindow = windows.filter((text) => tokenizer.count(text) > 160);
    console.log(
      `${over.length} of ${passages.length} passages are over 448 wordpieces, ${overWindow.length} of ${windows.length} windows over 160`,
    );
    expect(windows).toHaveLength(report.windows);
    expect(over.length / passages.length).toBeLessThan(0.001);
    expect(overWindow.length / windows.length).toBeLessThan(0.05);
  });

  it("keeps the evidence of at least 95 % of the judgments whole in one passage", async () => {
    const questions = await loadQuestionSet(questionsFile);
    const judge = createJudge(passages);
    let judged = 0;
    const lost: string[] = [];
    for (const question of questions)
      for (const judgment of question.relevant.filter(({ evidence }) => evidence)) {
        judged++;
        const [found] = judge.resolve({ ...question, relevant: [judgment] }).judgments;
        if (!found || found.holders.size === 0) lost.push(`${question.id} ${judgment.path}: ${judgment.evidence}`);
      }
    console.log(`evidence in a passage: ${judged - lost.length} of ${judged}; not: ${lost.join("\n")}`);
    expect(judged).toBeGreaterThan(50);
    expect(1 - lost.length / judged).toBeGreaterThanOrEqual(0.95);
  });
});
