import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { InstalledModel } from "../contracts/models.ts";
import { oddPlaces } from "../core/base/given/testing/oddPlaces.ts";
import { openInstalledModels } from "../core/models/installed.ts";
import { folderRecords } from "../core/storage/records.ts";
import type { Releases } from "../core/storage/releases.ts";
import { createLightActivities, type TemporalFacts } from "./light.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "winnow-light-")));
const docs = mkdtempSync(join(folder, "docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const temporal = { searchAttributes: async () => ({}) } as TemporalFacts;
const releases = { champion: async () => null } as Partial<Releases> as Releases;
const installed = openInstalledModels(folderRecords(join(folder, "home")));
const { parsePipelineInput } = createLightActivities({
  releases,
  installed,
  temporal,
  root: folder,
  sources: { roots: [docs], hosts: [], origins: [] },
  hasLlm: false,
});

const QUESTION = '{"id":"q1","query":"what is a pod","kind":"unanswerable-near","relevant":[]}\n';
const PAIR = '{"query":"what is a pod","positive":"a pod is","negatives":["a node is"]}\n';

test.each([
  ["questions", QUESTION, (path: string) => ({ questions: path })],
  ["training.pairs", PAIR, (path: string) => ({ training: { pairs: path } })],
] as const)(
  "%s must lie where docs may; elsewhere, also through a link, the file is not read",
  async (field, line, input) => {
    const inside = join(docs, `${field}.jsonl`);
    writeFileSync(inside, line);
    const { input: parsed } = await parsePipelineInput({ docs: { path: docs }, ...input(inside) });
    expect(parsed).toMatchObject(input(inside));
    const outside = join(folder, `${field}.jsonl`);
    writeFileSync(outside, "secret");
    const link = join(docs, `${field}-link.jsonl`);
    symlinkSync(outside, link);
    for (const path of [outside, link])
      await expect(parsePipelineInput({ docs: { path: docs }, ...input(path) })).rejects.toMatchObject({
        code: "BadSource",
        message: expect.stringMatching(new RegExp(`^${field}.*does not lie below .*WINNOW_DOCS_ROOTS`)),
      });
  },
);

describe("what is no readable file is refused at once and names the field's place", () => {
  const open = createLightActivities({
    releases,
    installed,
    temporal,
    root: folder,
    sources: { roots: null, hosts: [], origins: [] },
    hasLlm: false,
  });
  mkdirSync(join(folder, "odd"));
  const places = ["docs.tar.gz", "questions.jsonl", "pairs.jsonl"].flatMap((name) => {
    const given = (path: string) =>
      name === "docs.tar.gz"
        ? { docs: { path } }
        : name === "questions.jsonl"
          ? { docs: { path: docs }, questions: path }
          : { docs: { path: docs }, training: { pairs: path } };
    const refused = oddPlaces(join(folder, "odd"), name);
    // Docs are read by ingest, which has a table of its own.
    return (name === "docs.tar.gz" ? refused.filter(([path]) => !/sparse|binary|folder/.test(path)) : refused).map(
      ([path, why]) => [path, why, given(path)] as const,
    );
  });
  test.each(places)("%s", async (path, why, input) => {
    const started = performance.now();
    const error = await open.parsePipelineInput(input).then(
      () => null,
      (thrown: { code: string; message: string }) => thrown,
    );
    // A folder is a question set in another format; this one holds none.
    const wanted = path.includes("folder-questions") ? /no file named topics/ : why;
    expect(error?.message).toMatch(wanted);
    expect(["BadSource", "BadQuestionSet", "BadInput"]).toContain(error?.code);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test.each([
  ["questions", (path: string) => ({ questions: path })],
  ["training.pairs", (path: string) => ({ training: { pairs: path } })],
])("%s: no character of a file that is no such file reaches the message", async (name, input) => {
  const secret = join(docs, `${name}-secret`);
  for (const text of ["root:$6$hash:19000:0", '{"password": "hunter2"', '"hunter2"', "[1, hunter2]", "hunter2\nroot"]) {
    writeFileSync(secret, text);
    const refused = parsePipelineInput({ docs: { path: docs }, ...input(secret) });
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringMatching(/root|hash|hunter|password/) });
  }
});

describe("models named in the input", () => {
  const model = (name: string, kind: "embedder" | "reranker", family = "bert"): InstalledModel => ({
    ...{ name, kind, family, dimensions: null, maxTokens: 64, pooling: null, prefixes: null, licence: null },
    ...{ bytes: 1, parameters: 1, source: { from: "folder" }, installedAt: "2026-01-01T00:00:00.000Z" },
    artifact: { uri: `winnow:model/${"a".repeat(64)}`, sha256: "a".repeat(64), bytes: 1 },
  });
  const parsed = (models: object) => parsePipelineInput({ docs: { path: docs }, models });

  test("are found when the run begins, also by the last part of the name; auto needs no installation", async () => {
    await installed.put(model("acme/small", "embedder"));
    await installed.put(model("acme/judge", "reranker"));
    const { artifact } = model("", "embedder");
    expect((await parsed({ embedder: "small", reranker: "acme/judge" })).models).toEqual({
      embedder: { name: "acme/small", artifact },
      reranker: { name: "acme/judge", artifact },
    });
    expect((await parsed({ embedder: "auto" })).models).toEqual({ embedder: null, reranker: null });
    expect((await parsed({ reranker: "small" })).models.reranker?.name).toBe("acme/small");
  });

  test.each([
    [
      { embedder: "BAAI/bge-small-en-v1.5" },
      /no model BAAI\/bge-small-en-v1.5 is installed: .*models add BAAI\/bge-small/,
    ],
    [{ embedder: "acme/judge" }, /^models.embedder: acme\/judge is a reranker, which gives no vectors/],
    [
      { reranker: "acme/table" },
      /^models.reranker: acme\/table is an embedder of family static, from which no reranker/,
    ],
    [
      { reranker: "acme/export" },
      /^models.reranker: acme\/export is an exported embedder, to which no head can be added: name a reranker/,
    ],
    [{ embedder: "../escape" }, /^models.embedder: a name such as/],
    [{ embedder: "https://example.org/model" }, /^models.embedder: a name such as/],
    [{ encoder: "acme/small" }, /^models: .*encoder/],
  ])("%o is refused at once with a remedy", async (models, message) => {
    await installed.put(model("acme/judge", "reranker"));
    await installed.put(model("acme/table", "embedder", "static"));
    await installed.put(model("acme/export", "embedder", "exported"));
    await expect(parsed(models)).rejects.toMatchObject({ code: "BadInput", message: expect.stringMatching(message) });
  });
});
