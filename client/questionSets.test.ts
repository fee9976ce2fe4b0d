import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AskResult } from "../contracts/ask.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { recordOf } from "../core/records/answerKeeper.ts";
import { openAnswerRecords } from "../core/records/answers.ts";
import { finished } from "../core/records/testing/finished.ts";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import { folderRecords } from "../core/storage/records.ts";
import type { Release } from "../core/storage/releases.ts";
import type { DraftedSet } from "./draftQuestions.ts";
import { addVote, decideVote } from "./feedback.ts";
import { checkQuestions, openQuestionWriter, type QuestionWriter } from "./questionSets.ts";
import { recordedAnswer } from "./records.ts";
import type { Computing, Places } from "./settings.ts";
import { localSettings } from "./testing/settings.ts";

const WINNOW = fileURLToPath(new URL("../cli/winnow.mjs", import.meta.url));

describe("question sets by hand", () => {
  let tiny: TinyHome;
  let release: Release;
  let config: Places & Computing;
  let writer: QuestionWriter | null = null;
  const at = (name: string) => join(tiny.home, name);
  const linesOf = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

  beforeAll(async () => {
    tiny = await tinyHome();
    release = await tiny.build(32);
    await tiny.context.releases.promote(release, { expected: null, by: "a test", reason: "the first" });
    config = localSettings(tiny.home);
  });
  afterAll(async () => {
    await writer?.close();
    rmSync(tiny.home, { recursive: true, force: true });
  });

  /** Runs the command with lines for stdin. */
  const command = (args: string[], stdin: string) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((settle) => {
      const env = { ...process.env, WINNOW_HOME: tiny.home, TEMPORAL_ADDRESS: "" };
      const child = execFile(process.execPath, [WINNOW, ...args], { env }, (error, stdout, stderr) =>
        settle({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
      child.stdin!.end(stdin);
    });

  it("checks a question set against a release's docs", async () => {
    expect(await checkQuestions(config, tiny.questions)).toMatchObject({
      release: release.id,
      lines: 12,
      findings: [],
    });
    const file = at("stale.jsonl");
    const stale = { id: "a", query: "q", kind: "howto", relevant: [{ path: "pods.md", heading: "red", grade: 2 }] };
    writeFileSync(file, `\n${JSON.stringify(stale)}\n`);
    expect((await checkQuestions(config, file)).findings).toMatchObject([
      { line: 2, state: "stale", gone: [{ lacks: "page", nearest: { page: "pod.md", heading: "red" } }] },
    ]);
    const shown = await command(["questions", "check", file], "");
    expect(shown.stdout).toContain(`${file}:2: a is stale, so it is not scored`);
    expect(shown.stdout).toContain('there is no page pods.md; nearest by name: pod.md, "red"');
    expect(shown.code).toBe(1);
  });

  it("appends questions to a file whose last line has no end, each with the next number", async () => {
    const file = at("made.jsonl");
    writeFileSync(file, JSON.stringify({ id: "q007", query: "tulips", kind: "unanswerable-offtopic", relevant: [] }));
    writer = await openQuestionWriter(config, file);
    const [passage] = await writer.find("what is red pod", 10);
    const pick = { passage: passage!, grade: 2 as const, evidence: passage!.text };
    await writer.add({ query: "is it red", kind: "lookup", picks: [pick] });
    await writer.add({ query: "daffodils", kind: "unanswerable-near", picks: [] });
    expect(linesOf(file).map((line) => JSON.parse(line).id)).toEqual(["q007", "q008", "q009"]);
    expect(JSON.parse(linesOf(file)[1]!)).toMatchObject({
      query: "is it red",
      relevant: [{ path: passage!.page, heading: passage!.heading.at(-1), grade: 2, evidence: passage!.text }],
    });
    expect((await checkQuestions(config, file)).findings).toEqual([]);
  });

  it("writes nothing that its page does not hold, and nothing into a file that has become malformed", async () => {
    const file = writer!.file;
    const before = readFileSync(file, "utf8");
    const [passage] = await writer!.find("what is red pod", 1);
    const picks = [{ passage: passage!, grade: 2 as const, evidence: "words of another page altogether" }];
    await expect(writer!.add({ query: "q", kind: "howto", picks })).rejects.toMatchObject({ code: "BadInput" });
    expect(readFileSync(file, "utf8")).toBe(before);
    appendFileSync(file, "{\n");
    await expect(writer!.add({ query: "q", kind: "unanswerable-near", picks: [] })).rejects.toMatchObject({
      code: "BadQuestionSet",
      message: expect.stringContaining("line 4"),
    });
    expect(readFileSync(file, "utf8")).toBe(`${before}{\n`);
  });

  it("makes questions in a dialogue, from a pipe too", async () => {
    const file = at("dialogue.jsonl");
    const answers = [
      "what is red pod",
      "99",
      "v 1",
      "1",
      "",
      "",
      "daffodils",
      "o",
      "skipped",
      "s",
      "/blue",
      "more",
      "q",
    ];
    const { code, stdout, stderr } = await command(["questions", "new", "--out", file, "--json"], answers.join("\n"));
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ file, release: release.id, corpus: "things", questions: 2 });
    expect(linesOf(file).map((line) => JSON.parse(line))).toMatchObject([
      { id: "q001", query: "what is red pod", kind: "concept", relevant: [{ grade: 2 }] },
      { id: "q002", query: "daffodils", kind: "unanswerable-offtopic", relevant: [] },
    ]);
    expect(stderr).toContain("There is no passage 99");
    expect((await checkQuestions(config, file)).findings).toEqual([]);
  });

  it.each([
    ["a folder", () => tiny.home, "BadQuestionSet"],
    ["a pipe", () => join(tiny.home, "pipe"), "BadQuestionSet"],
    ["a malformed file", () => join(tiny.home, "dialogue.jsonl"), "BadQuestionSet"],
  ])("does not write into %s", async (_, file, code) => {
    if (file() === at("pipe")) execFileSync("mkfifo", [at("pipe")]);
    if (file() === at("dialogue.jsonl")) appendFileSync(file(), "no JSON\n");
    await expect(openQuestionWriter(config, file())).rejects.toMatchObject({ code });
  });

  it("drafts lines to judge of what was refused or voted down, each once, and check counts them", async () => {
    const records = folderRecords(tiny.home);
    const receipt = { ...finished("", "").result.receipt, corpus: "things" };
    const keep = async (id: string, question: string, kind: AskResult["kind"], texts = true) => {
      const one = finished(id, new Date().toISOString(), { question, kind, citations: [], receipt });
      await openAnswerRecords(records, null).write(recordOf(one, texts));
    };
    await keep("ask-1", "what is red pod?", "abstained");
    await keep("ask-2", "What is  RED pod?", "unsure");
    await keep("ask-3", "is a job blue?", "extractive");
    await keep("ask-4", "which node is green?", "abstained", false);
    const places = { home: tiny.home, artifacts: null, payloadKeys: null };
    const vote = (answer: string) => addVote(places, { answer, vote: "down" }, (id) => recordedAnswer(places, id));
    await vote("ask-3");
    await keep("ask-5", "where does the service sleep?", "unsure");
    const { id } = await vote("ask-5");
    const question = "Where does the service sleep?";
    await keep("ask-6", "where does a service sleep", "abstained");
    await decideVote(places, id, "accept", { by: "ada", question, questionOf: async () => null });
    const file = at("draft.jsonl");
    const drafted = await command(["questions", "draft", "--out", file, "--json"], "");
    const { questions, textless, trained } = JSON.parse(drafted.stdout) as DraftedSet;
    expect({ textless, trained }).toEqual({ textless: 1, trained: 2 });
    expect(linesOf(file).map((line) => JSON.parse(line))).toEqual(questions);
    expect(questions).toMatchObject([
      {
        id: expect.stringMatching(/^d[0-9a-f]{8}$/),
        query: expect.stringMatching(/^what is red pod\?$/i),
        draft: "refused or unsure 2 times",
      },
      { query: "is a job blue?", draft: "voted down once", relevant: [] },
    ]);
    for (const { proposed } of questions) {
      expect(proposed).toHaveLength(3);
      expect(proposed![0]).toEqual({
        path: expect.stringMatching(/\.md$/),
        heading: expect.any(String),
        grade: 2,
        evidence: expect.stringMatching(/^the \w+ is \w+$/),
      });
    }
    const shown = await command(["questions", "check", file], "");
    expect(shown.stdout).toContain(`${file}:1: not judged yet`);
    expect(shown.stdout).toContain("2 lines are still to be judged.");
    await expect(loadQuestionSet(file)).rejects.toMatchObject({ code: "BadQuestionSet" });
    const again = await command(["questions", "draft", "--out", file], "");
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("a draft overwrites no file")]);
    const unjudged = await command(["questions", "draft", "--out", at("more.jsonl"), "--except", file], "");
    expect(unjudged.stdout).toContain("No question about things is left to judge.");
    const judged = questions.map(({ draft: _, proposed, ...question }) => ({ ...question, relevant: proposed }));
    writeFileSync(file, judged.map((line) => `${JSON.stringify(line)}\n`).join(""));
    expect(await checkQuestions(config, file)).toMatchObject({ lines: 2, findings: [] });
    const rest = await command(["questions", "draft", "--out", at("more.jsonl"), "--except", file], "");
    expect(rest.stdout).toContain("No question about things is left to judge.");
    expect(existsSync(at("more.jsonl"))).toBe(false);
  });
});
