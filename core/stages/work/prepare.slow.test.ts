import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PassageLabel } from "../../../contracts/labels.ts";
import { areAboutAllPages, readUsedLabels, type TrainingGroup } from "../../artifacts/groups.ts";
import { readIndexMeta } from "../../artifacts/searchIndex.ts";
import { type GradeRequest, readRequested } from "../../artifacts/written.ts";
import { sha256 } from "../../base/canonical.ts";
import { readJsonLines, writeJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import { passageInput } from "../../docs/passageText.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import { describeEmbedder } from "../../models/families/index.ts";
import { embedderDir } from "../../models/locate.ts";
import { REFERENCE } from "../../retrieval/cosineScale.ts";
import { splitPages } from "../../training/split.ts";
import { docPassage } from "../../training/testing/corpusFixture.ts";
import { buildIndex } from "./buildIndex.ts";
import { embedPassages } from "./embedPassages.ts";
import { findGraded } from "./findGraded.ts";
import { makeHeldout } from "./makeHeldout.ts";
import { mineShard } from "./mineShard.ts";
import { prepareTraining } from "./prepare.ts";
import type { PrepareArgs } from "./prepareArgs.ts";

const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = embedderDir(cache);

const THINGS = "queue worker mirror ledger beacon turbine harbor lantern orchard compass anvil bridge".split(" ");
const NOUNS = "table minute week hand controller state system change row gate signal order".split(" ");

/** Two sentences that occur in no other passage. */
function filler(n: number): string {
  const word = (k: number) => `${NOUNS[(n + k) % 12]}${n}`;
  return (
    `Operators compare the ${word(0)} with a ${word(3)} that arrives every ${word(5)} and is kept in one ${word(7)}. ` +
    `Whatever the ${word(2)} shows, no ${word(9)} may alter it before the ${word(4)} has seen each ${word(1)} twice.`
  );
}

const passages = THINGS.flatMap((thing, n) => [
  ...["north", "south"].map((side, m) =>
    docPassage(
      `${thing}-${side}.md`,
      [`The ${side} ${thing}`, `Resizing the ${thing}`],
      `To make the ${side} ${thing} larger than ${n} units, set the field ${thing}Size. ${filler(2 * n + m)} ` +
        `If the ${thing} on the ${side} side loses its power, restart it from the console within ${n + 3} minutes.`,
    ),
  ),
  docPassage(
    `${thing}-north.md`,
    [`The north ${thing}`],
    `A north ${thing} is a part of the plant that keeps ${n} spare rows. ${filler(50 + n)}`,
  ),
]);

describe.skipIf(!existsSync(modelDir))(`prepareTraining with the weights in ${modelDir}`, () => {
  let home: string;
  let args: PrepareArgs;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "winnow-prepare-"));
    const dir = (name: string) => join(home, name);
    await embedPassagesOf(dir);
    const question = {
      id: "d1",
      query: "resize the harbor",
      kind: "howto",
      relevant: [{ path: "anvil-north.md", grade: 2 }],
    };
    await writeFile(dir("questions.jsonl"), JSON.stringify(question));
    args = {
      ingestDir: dir("ingest"),
      embedDirs: [dir("embed")],
      buildIndexDir: dir("index"),
      modelDir,
      questionsFile: dir("questions.jsonl"),
      strict: false,
      seed: 3,
      outDir: dir("train"),
    };
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  async function embedPassagesOf(dir: (name: string) => string, of = passages): Promise<void> {
    await mkdir(dir("ingest"), { recursive: true });
    await writeJsonLines(join(dir("ingest"), "passages.jsonl"), of);
    await writeJsonLines(join(dir("ingest"), "links.jsonl"), []);
    const [passagesDir, outDir, cacheDir] = [dir("ingest"), dir("embed"), dir("cache")];
    await embedPassages({ passagesDir, outDir, modelDir, cacheDir }, quietContext({ threads: 2 }));
    await buildIndex({ passagesDir, embedDirs: [outDir], outDir: dir("index") }, quietContext());
  }

  it("embeds with the model whose cosines every other embedder's are mapped to", async () => {
    expect((await describeEmbedder(modelDir)).modelDigest).toBe(REFERENCE.modelDigest);
    expect(await readIndexMeta(args.buildIndexDir)).not.toHaveProperty("cosines");
  });

  it("writes groups, validation, a valid question set of held-out pages, and its counts", async () => {
    const report = await prepareTraining(args, quietContext());
    const groups = await readJsonLines<TrainingGroup>(join(args.outDir, "groups.jsonl"));
    expect(groups).toHaveLength(report.groups);
    expect(report.groups).toBeGreaterThan(20);
    for (const { passages: inputs, teacher } of groups) expect([inputs.length, teacher!.length]).toEqual([8, 8]);

    const splits = splitPages(passages.map((passage) => passage.page));
    const heldout = await loadQuestionSet(join(args.outDir, "heldout.jsonl"));
    const paths = heldout.flatMap((question) => question.relevant.map((judgment) => judgment.path));
    expect(paths.length).toBe(report.heldout);
    for (const path of paths) expect(splits.get(path)).toBe("heldout");
    const heldoutTexts = passages.filter(({ page }) => splits.get(page) === "heldout").map(({ text }) => text);
    const trained = groups.flatMap((group) => group.passages).join("\n");
    for (const text of heldoutTexts) expect(trained).not.toContain(text);
    expect(report.unanswerable).toBeGreaterThan(0);
    expect(JSON.parse(await readFile(join(args.outDir, "stats.json"), "utf8"))).toEqual(report);
  });

  it("of a single page asks about that page, and counts the questions as ones that measure no training", async () => {
    const alone = passages.filter(({ page }) => page === "harbor-north.md");
    const dir = (name: string) => join(home, "alone", name);
    await embedPassagesOf(dir, alone);
    const dirs = { ingestDir: dir("ingest"), embedDirs: [dir("embed")], buildIndexDir: dir("index") };
    const outDir = dir("train");
    const report = await prepareTraining({ ...args, ...dirs, outDir, questionsFile: null }, quietContext());
    expect(report).toMatchObject({ allPages: true, unanswerable: 10 });
    const { modelDir, seed } = args;
    const alike = await makeHeldout({ ...dirs, modelDir, seed, outDir: dir("heldout") }, quietContext());
    expect(alike).toEqual({ questions: report.heldout, allPages: true });
    const [made, again] = [outDir, dir("heldout")].map((folder) => readFile(join(folder, "heldout.jsonl"), "utf8"));
    expect(await again).toBe(await made);
    const questions = await loadQuestionSet(join(outDir, "heldout.jsonl"));
    const pages = questions.flatMap(({ relevant }) => relevant.map(({ path }) => path));
    expect(new Set(pages)).toEqual(new Set(["harbor-north.md"]));
    expect(pages).toHaveLength(report.heldout);
  });

  it("makes the same questions on held-out pages where nothing is trained", async () => {
    const outDir = join(home, "train-generated");
    await prepareTraining({ ...args, outDir, questionsFile: null }, quietContext());
    const alone = { ...args, outDir: join(home, "heldout") };
    expect(await makeHeldout(alone, quietContext())).toMatchObject({ allPages: false });
    const [made, again] = [outDir, alone.outDir].map((folder) => readFile(join(folder, "heldout.jsonl"), "utf8"));
    expect(await again).toBe(await made);
    expect(await areAboutAllPages(alone.outDir)).toBe(false);
  });

  it("gives the same groups from the candidates of shards", async () => {
    await prepareTraining(args, quietContext());
    const files = ["groups.jsonl", "validation.jsonl", "heldout.jsonl", "stats.json"];
    const read = (folder: string) => Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
    const whole = await read(args.outDir);
    const minedDirs = [join(home, "mined-0"), join(home, "mined-1")];
    let questions = 0;
    for (const [index, outDir] of minedDirs.entries()) {
      await mkdir(outDir);
      questions += (await mineShard({ ...args, outDir, shard: { index, of: 2 } }, quietContext())).questions;
    }
    const outDir = join(home, "train-mined");
    const report = await prepareTraining({ ...args, minedDirs, outDir }, quietContext());
    expect(questions).toBe(report.groups + report.validation + report.withoutNegatives + report.contaminated);
    expect(await read(outDir)).toEqual(whole);
  });

  it("drops questions that nearly equal a judged one, and with strict the pages that answer it", async () => {
    await prepareTraining(args, quietContext());
    const [group] = await readJsonLines<TrainingGroup>(join(args.outDir, "groups.jsonl"));
    const relevant = [{ path: "anvil-north.md", grade: 2 }];
    const judged = { id: "d1", query: group!.question.toUpperCase(), kind: "howto", relevant };
    await writeFile(args.questionsFile!, JSON.stringify(judged));
    const strict = await prepareTraining({ ...args, strict: true }, quietContext());
    expect(strict.contaminated).toBeGreaterThan(0);
    expect(strict.strictPages).toBe(1);
    const trained = await readFile(join(args.outDir, "groups.jsonl"), "utf8");
    expect(trained).not.toContain(JSON.stringify(group!.question));
    expect(trained).not.toContain("The north anvil");
  });

  it("trains on written questions that a passage answers, not on those equal to a judged one", async () => {
    const splits = splitPages(passages.map(({ page }) => page));
    const writtenDir = join(home, "written");
    await mkdir(writtenDir, { recursive: true });
    const placed = passages.filter(({ page, heading }) => splits.get(page) === "train" && heading.length > 1);
    const heldoutPassage = passages.find(({ page }) => splits.get(page) === "heldout")!;
    const lines = placed.slice(0, 9).map(({ id, text }, n) => {
      const thing = /larger.*set the field (\w+)Size/.exec(text)![1];
      const opposed = [placed[(n + 4) % 9]!.id, heldoutPassage.id];
      const related = [placed[(n + 1) % 9]!.id];
      return {
        question: `${thing} ran out of electricity, restart ${n}?`,
        passageId: id,
        style: "symptom",
        related,
        opposed,
      };
    });
    const judged = {
      id: "d9",
      query: lines[1]!.question,
      kind: "howto",
      relevant: [{ path: "anvil-north.md", grade: 2 }],
    };
    await writeFile(args.questionsFile!, JSON.stringify(judged));
    await writeJsonLines(join(writtenDir, "written.jsonl"), lines);
    const stats = { model: "m", asked: 12, written: 10, rejected: { copied: 2 }, unanswered: 1, ungraded: 0 };
    await writeFile(join(writtenDir, "written.json"), JSON.stringify(stats));
    const report = await prepareTraining({ ...args, writtenDir }, quietContext());
    expect(report.written).toEqual({ ...stats, kept: 9 });
    expect(report.contaminated).toBeGreaterThan(0);
    const trained = await readJsonLines<TrainingGroup>(join(args.outDir, "groups.jsonl"));
    const asked = trained.filter(({ question }) => question.includes("electricity"));
    expect(asked.length).toBe(report.used.written);
    expect(asked.map(({ question }) => question)).not.toContain(lines[1]!.question);
    const [first] = asked;
    const line = lines.find(({ question }) => question === first!.question)!;
    const inputOf = (id: string) => passageInput(passages.find((passage) => passage.id === id)!);
    expect(first!.passages.slice(0, 2)).toEqual([inputOf(line.passageId), inputOf(line.opposed[0]!)]);
    expect(first!.passages).not.toContain(inputOf(line.related[0]!));
    expect(first!.passages).not.toContain(inputOf(heldoutPassage.id));
    expect(await readFile(join(args.outDir, "heldout.jsonl"), "utf8")).not.toContain("electricity");
  });

  it("asks for grades of a question's own passage and the best of retrieval, in no telling order", async () => {
    const [writtenDir, outDir] = [join(home, "asked"), join(home, "requested")];
    await mkdir(writtenDir, { recursive: true });
    const resized = passages.filter(({ heading }) => heading.length > 1);
    const lines = resized.map(({ id, heading }) => ({
      question: `how is the ${heading[1]!.split(" ").at(-1)} made bigger?`,
      ...{ passageId: id, style: "howto" },
    }));
    const gone = { question: "where has it gone?", passageId: "gone", style: "howto" };
    await writeJsonLines(join(writtenDir, "written.jsonl"), [...lines, gone]);
    const stats = { model: "m", asked: lines.length + 1, written: lines.length + 1, rejected: {} };
    await writeFile(join(writtenDir, "written.json"), JSON.stringify(stats));
    expect(await findGraded({ ...args, writtenDir, outDir }, quietContext())).toEqual({ requests: lines.length });
    const requests = await readRequested<GradeRequest>(outDir);
    const places = requests.map(({ passageId, passages: shown }) => shown.findIndex(({ id }) => id === passageId));
    for (const { passages: shown } of requests) expect(new Set(shown.map(({ id }) => id)).size).toBe(8);
    expect(places).not.toContain(-1);
    expect(new Set(places).size).toBeGreaterThan(4);
  });

  it("trains on supplied pairs too, and fails if one paraphrases a judged question", async () => {
    const pairsFile = join(home, "pairs.jsonl");
    const line = (query: string) => JSON.stringify({ query, positive: "a tide moves it", negatives: ["no", "never"] });
    const lines = Array.from({ length: 60 }, (_, n) => line(`what moves buoy ${n} of the northern channel`));
    await writeFile(pairsFile, lines.join("\n"));
    const report = await prepareTraining({ ...args, pairsFile }, quietContext());
    expect(report.supplied).toBe(60);
    const groups = await readJsonLines<TrainingGroup>(join(args.outDir, "groups.jsonl"));
    expect(groups.at(-1)).toEqual({
      question: expect.stringMatching("buoy"),
      passages: ["a tide moves it", "no", "never"],
    });
    const judged = { id: "d7", query: "how to make a harbor bigger", kind: "howto", relevant: [] };
    await writeFile(
      args.questionsFile!,
      JSON.stringify({ ...judged, relevant: [{ path: "anvil-north.md", grade: 2 }] }),
    );
    await writeFile(pairsFile, [...lines, line("How can I make the harbor bigger?")].join("\n"));
    await expect(prepareTraining({ ...args, pairsFile }, quietContext())).rejects.toThrow(
      /training question 61 .* is nearly question d7 of the question set/,
    );
  });

  it("trains on accepted votes whose text is still there, not on one that paraphrases a judged question", async () => {
    const label = (verdict: "up" | "down", at: number, question: string): PassageLabel => {
      const { id: passage, page, text } = passages[at]!;
      return { vote: `vote-${at}`, question, verdict, passage, page, textDigest: sha256(text) };
    };
    const judged = { id: "d7", query: "how to make a harbor bigger", kind: "howto" };
    const relevant = [{ path: "anvil-north.md", grade: 2 }];
    await writeFile(args.questionsFile!, JSON.stringify({ ...judged, relevant }));
    const question = "the lights went out on one side, what now?";
    const labels = [
      label("up", 0, question),
      label("down", 4, question),
      { ...label("up", 1, question), textDigest: "of another text" },
      label("up", 7, "How can I make the harbor bigger?"),
    ];
    const report = await prepareTraining({ ...args, labels }, quietContext());
    expect(report.votes).toEqual({ trained: 2, gone: 1, judged: 1 });
    const groups = await readJsonLines<TrainingGroup>(join(args.outDir, "groups.jsonl"));
    const voted = groups.filter((group) => group.question === question);
    expect(voted).toHaveLength(1);
    expect(voted[0]!.passages.slice(0, 2)).toEqual([passageInput(passages[0]!), passageInput(passages[4]!)]);
    expect(voted[0]!.passages).toHaveLength(8);
    const fates = (await readUsedLabels(args.outDir)).map(({ fate }) => fate);
    expect(fates).toEqual(["trained", "trained", "gone", "judged"]);
    const heldout = await readFile(join(args.outDir, "heldout.jsonl"), "utf8");
    expect(heldout).not.toContain("lights");
  });

  it("stops when it is cancelled", async () => {
    const signal = AbortSignal.abort();
    await expect(prepareTraining(args, { ...quietContext(), signal })).rejects.toMatchObject({ code: "Cancelled" });
  });
});
