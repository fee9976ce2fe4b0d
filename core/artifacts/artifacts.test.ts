import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LinkRecord } from "../docs/links.ts";
import type { StoredPassage } from "../docs/windows.ts";
import { readCandidates, writeCandidates } from "./candidates.ts";
import { writeChanges } from "./changes.ts";
import {
  type EvaluationFile,
  type QuestionLine,
  readCalibrations,
  readEvaluation,
  readQuestionLines,
  writeEvaluation,
} from "./evaluation.ts";
import { heldoutFile, keepGroups, readGroupStats, readTrainingGroups, writeTrainingData } from "./groups.ts";
import {
  countPassages,
  eachPassage,
  type PageRecord,
  readLinks,
  readPageRecords,
  readPassages,
  writeIngested,
} from "./passages.ts";
import { readTrainingCurve, writeTrainingCurve } from "./reranker.ts";
import { type IndexMeta, readIndexMeta, vectorIndexFile, writeIndexMeta } from "./searchIndex.ts";
import { openVectors, readVectorsMeta, writeVectors } from "./vectors.ts";
import { readRequested, readWritten, writeRequested, writeWritten } from "./written.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-artifact-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Expects a reader to reject a folder without its file, and a file with `content`, both by the file's name. */
async function refuses(read: (dir: string) => Promise<unknown>, name: string, content = '{"half a'): Promise<void> {
  const foreign = join(folder, "foreign");
  const refused = { code: "CorruptArtifact", message: expect.stringContaining(join(foreign, name)) };
  await rm(foreign, { recursive: true, force: true });
  await expect(read(foreign)).rejects.toMatchObject(refused);
  await putFile(foreign, name, content);
  await expect(read(foreign)).rejects.toMatchObject(refused);
}

async function allOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

async function putFile(dir: string, name: string, content: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, name), content);
}

describe("passages", () => {
  const passage = (at: number): StoredPassage => ({
    ...{ id: `p${at}`, page: "p.md", heading: ["P"], url: "/p/", lines: [at, at], text: `text ${at}` },
  });
  const page: PageRecord = { page: "p.md", title: "P", digest: "d", url: "/p/", passages: 2, lines: 9 };
  const link: LinkRecord = {
    ...{ page: "p.md", heading: ["P"], passageId: "p0", sentence: "See q.", anchor: "q" },
    ...{ targetPage: "q.md", targetHeading: null, targetAnchor: null },
  };
  const stats = { pages: 1, passages: 2, windows: 2, quarantined: 1, drafts: 0, links: 1, missing: {} };
  const docs = {
    ...{ passages: [passage(0), passage(1)], pages: [page], links: [link] },
    ...{ quarantined: [{ page: "bad.md", reason: "no text" }], stats },
  };

  test("are read as they were written, in bulk and one by one", async () => {
    await writeIngested(folder, docs);
    expect(await readPassages(folder)).toEqual(docs.passages);
    expect(await allOf(eachPassage(folder))).toEqual(docs.passages);
    expect(await countPassages(folder)).toBe(2);
    expect(await readPageRecords(folder)).toEqual([page]);
    expect(await readLinks(folder)).toEqual([link]);
    const names = ["links.jsonl", "pages.jsonl", "passages.jsonl", "quarantine.jsonl", "stats.json"];
    expect((await readdir(folder)).sort()).toEqual(names);
    expect(await readFile(join(folder, "stats.json"), "utf8")).toBe(`${JSON.stringify(stats, null, 1)}\n`);
  });

  test("of a damaged or foreign folder are rejected by file and line", async () => {
    await refuses(readPassages, "passages.jsonl");
    await refuses((dir) => allOf(eachPassage(dir)), "passages.jsonl", '{"question":"of another file"}');
    await refuses(readPageRecords, "pages.jsonl");
    await refuses(readLinks, "links.jsonl", "null");
    await expect(countPassages(join(folder, "none"))).rejects.toMatchObject({ code: "CorruptArtifact" });
    await writeFile(join(folder, "passages.jsonl"), `${JSON.stringify(passage(0))}\n{"heading":["P"]}\n`);
    await expect(readPassages(folder)).rejects.toThrow("line 2 has unexpected content");
  });
});

describe("vectors", () => {
  const rows = Float32Array.of(1, 0, 0, 1, 0.6, 0.8);
  const meta = { count: 3, dim: 2, model: "m", modelDigest: "d", precision: "int8" as const, first: 0 };

  test("are read as they were written, across shards", async () => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await writeVectors(a, rows, meta);
    await writeVectors(b, rows.subarray(2, 4), { ...meta, count: 1, first: 3 });
    const vectors = await openVectors([b, a]);
    expect(vectors.read(0, 4)).toEqual(Float32Array.of(...rows, 0, 1));
    expect(vectors.dot(2, Float32Array.of(1, 0))).toBeCloseTo(0.6);
    vectors.close();
    expect(await readVectorsMeta(a)).toEqual(meta);
    expect(await readFile(join(a, "meta.json"), "utf8")).toBe(`${JSON.stringify(meta, null, 2)}\n`);
  });

  test("of a damaged or foreign folder are rejected by file", async () => {
    await refuses(readVectorsMeta, "meta.json");
    await refuses((dir) => openVectors([dir]), "meta.json", "3");
    await writeVectors(folder, rows, { ...meta, count: 4 });
    const cut = { code: "CorruptArtifact", message: /vectors\.f32: expected 32 bytes, found 24/ };
    await expect(openVectors([folder])).rejects.toMatchObject(cut);
    await rm(join(folder, "vectors.f32"));
    await expect(openVectors([folder])).rejects.toMatchObject({ code: "CorruptArtifact", message: /vectors\.f32/ });
  });
});

describe("the index", () => {
  const meta: IndexMeta = { kind: "flat", backend: "exact", count: 3, dim: 2, recallAt100: 1, modelDigest: "d" };

  test("is described as it was written", async () => {
    await writeIndexMeta(folder, meta);
    expect(await readIndexMeta(folder)).toEqual(meta);
    expect(vectorIndexFile(folder)).toBe(join(folder, "index.faiss"));
  });

  test("of a damaged or foreign folder is rejected by file", () => refuses(readIndexMeta, "meta.json"));
});

describe("training data", () => {
  const group = { question: "q", passages: ["right", "wrong"], teacher: [2, 1] };
  const written = { model: "m", asked: 3, written: 2, rejected: { length: 1 }, unanswered: 1, ungraded: 0, kept: 1 };
  const stats = { groups: 2, supplied: 0, written };
  const heldout = [{ id: "g001", query: "q", kind: "lookup", relevant: [], generated: true as const, source: "title" }];
  const data = { groups: [group, group], validation: [group], heldout, stats };

  test("is read as it was written, and its groups are copied to the model they trained", async () => {
    const [dataDir, trainDir] = [join(folder, "data"), join(folder, "train")];
    await writeTrainingData(dataDir, data);
    expect(await readTrainingGroups(dataDir)).toEqual({ groups: data.groups, validation: data.validation });
    expect(await readGroupStats(dataDir)).toEqual(stats);
    expect(await readFile(heldoutFile(dataDir), "utf8")).toBe(`${JSON.stringify(heldout[0])}\n`);
    await mkdir(trainDir);
    await keepGroups(dataDir, trainDir);
    const kept = await readFile(join(trainDir, "groups.jsonl"), "utf8");
    expect(kept).toBe(await readFile(join(dataDir, "groups.jsonl"), "utf8"));
  });

  test("of a damaged or foreign folder is rejected by file", async () => {
    await refuses(readTrainingGroups, "groups.jsonl");
    await refuses(readTrainingGroups, "groups.jsonl", '{"question":"without passages"}');
    await refuses(readGroupStats, "stats.json", "[]");
    await writeTrainingData(folder, data);
    await rm(join(folder, "validation.jsonl"));
    await expect(readTrainingGroups(folder)).rejects.toThrow("validation.jsonl: it is missing");
  });
});

describe("mined candidates", () => {
  test("are read as they were written, and rejected by file", async () => {
    const mined = [{ question: "q", positions: [3, 1] }];
    await writeCandidates(folder, mined);
    expect(await readCandidates(folder)).toEqual(mined);
    await refuses(readCandidates, "candidates.jsonl");
  });
});

describe("written questions", () => {
  const requests = [{ passageId: "p1", style: "howto" as const, heading: ["P"], text: "text" }];
  const questions = [{ question: "How?", passageId: "p1", style: "howto" as const }];
  const stats = { model: "m", asked: 1, written: 1, rejected: {} };

  test("are read as they were written", async () => {
    expect(await writeRequested(folder, requests)).toBe(1);
    expect(await readRequested(folder)).toEqual(requests);
    await writeWritten(folder, questions, stats);
    expect(await readWritten(folder)).toEqual({ questions, stats });
  });

  test("of a damaged or foreign folder are rejected by file", async () => {
    await refuses(readRequested, "requests.jsonl");
    await refuses(readWritten, "written.json");
    await writeWritten(folder, questions, stats);
    await rm(join(folder, "written.jsonl"));
    await expect(readWritten(folder)).rejects.toThrow("written.jsonl: it is missing");
  });
});

describe("a reranker", () => {
  const curve = { losses: [{ step: 1, loss: 2 }], validation: [{ step: 1, ndcg: 0.4 }], data: "two questions" };

  test("keeps its training curve, which is null without training", async () => {
    expect(await readTrainingCurve(folder)).toBeNull();
    await writeTrainingCurve(folder, curve);
    expect(await readTrainingCurve(folder)).toEqual(curve);
    expect(await readFile(join(folder, "training.json"), "utf8")).toBe(JSON.stringify(curve));
    expect(await readFile(join(folder, "training.svg"), "utf8")).toMatch(/^<svg/);
  });

  test("with a damaged curve is rejected by file", async () => {
    await writeFile(join(folder, "training.json"), "[1");
    const refused = { code: "CorruptArtifact", message: /training\.json/ };
    await expect(readTrainingCurve(folder)).rejects.toMatchObject(refused);
  });
});

describe("an evaluation", () => {
  const fitted = {
    ...{ features: ["cosine" as const, "bm25Share" as const], mean: [0, 0], scale: [1, 1], weights: [1, 1], bias: 0 },
    ...{ top: { slope: 1, intercept: 0 }, logitWeight: null, threshold: 0.5, limits: { refuse: 0.5, answer: 0.5 } },
    fittedOn: { questions: 1, pairs: 2, relevant: 1 },
  };
  const calibrations = { reranked: null, retrieval: fitted, logit: null, precision: "int8" as const };
  const line: QuestionLine = {
    ...{ id: "q1", kind: "lookup", query: "q", mustPass: false, stale: false },
    ...{ metrics: { served: { "ndcg@10": 1 } }, served: {} },
  };
  const evaluation = { questions: 1, details: { questionSet: "d" } } as EvaluationFile;

  test("is read as it was written", async () => {
    await writeEvaluation(folder, { evaluation, calibrations, questions: [line], report: "<!doctype html>" });
    expect(await readEvaluation(folder)).toEqual(evaluation);
    expect(await readCalibrations(folder)).toEqual(calibrations);
    expect(await readQuestionLines(folder)).toEqual([line]);
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe("<!doctype html>");
    expect(await readFile(join(folder, "evaluation.json"), "utf8")).toBe(`${JSON.stringify(evaluation, null, 2)}\n`);
  });

  test("of a damaged or foreign folder is rejected by file", async () => {
    await refuses(readEvaluation, "evaluation.json");
    await refuses(readCalibrations, "calibration.json", '{"retrieval":{}}');
    await refuses(readQuestionLines, "questions.jsonl");
  });
});

test("changes list every page that differs, and the counts of passages", async () => {
  const passages = { total: 9, fresh: 2, gone: 1 };
  await writeChanges(folder, { added: ["a.md"], changed: [], removed: ["b.md"], same: 4, passages });
  const kept = { added: ["a.md"], changed: [], removed: ["b.md"], passages };
  expect(await readFile(join(folder, "changes.json"), "utf8")).toBe(`${JSON.stringify(kept, null, 1)}\n`);
});
