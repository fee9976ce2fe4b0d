import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CorpusDirs } from "../../../artifacts/corpusDirs.ts";
import { readFirstRows } from "../../../artifacts/passages.ts";
import { dotProduct } from "../../../artifacts/vectors.ts";
import type { VectorServer } from "../../../base/compute.ts";
import { writeJsonLines } from "../../../base/jsonl.ts";
import { quietContext } from "../../../base/progress.ts";
import { seededRandom } from "../../../base/random.ts";
import { statementIn } from "../../../docs/versionStatement.ts";
import { type StoredPassage, windowCount } from "../../../docs/windows.ts";
import { randomVectors, writeEmbedDir } from "../../../stages/testing/embedFixture.ts";
import { buildIndex } from "../../../stages/work/buildIndex.ts";
import { topScores } from "../../bm25.ts";
import { buildBm25 } from "../../bm25Builder.ts";
import { openRetriever, type RetrievalRanking, type Retriever } from "../../retriever.ts";
import { WindowVectors } from "../../windowVectors.ts";

const DIM = 16;
const RANKINGS: RetrievalRanking[] = ["bm25", "dense", "rrf", "weighted", "feedback", "retrieval"];
const WORDS = ["pod", "node", "spec.nodeName", "--max-pods", "volumes", "probe", "CrashLoopBackOff", "naïve", "quota"];

/** Passages of some pages: some of two windows, some that state a version. Words repeat by chance. */
export function somePassages(count: number, seed = 1): StoredPassage[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const words = Array.from({ length: 3 + Math.floor(random() * 40) }, () => {
      return random() < 0.2 ? `word${Math.floor(random() * count)}` : WORDS[Math.floor(random() * WORDS.length)];
    });
    const page = Math.floor(at / 7);
    const text = `${at % 11 === 0 ? "FEATURE STATE: v1.30 [beta]\n" : ""}${words.join(" ")} "word${at}"`;
    const half = Math.floor(text.length / 2);
    return {
      ...{ id: `p${at}`, page: `pages/${page}.md`, heading: [`PageNumber${page}`, `Part ${at % 7}`], url: `/${page}` },
      ...{ lines: [at, at + 1] as [number, number], text },
      ...(at % 5 === 0
        ? {
            windows: [
              [0, half],
              [half, text.length],
            ] as [number, number][],
          }
        : {}),
    };
  });
}

/** Writes the artifacts of passages with random vectors, without an index. */
export async function writeCorpus(
  folder: string,
  passages: StoredPassage[],
): Promise<Omit<CorpusDirs, "buildIndexDir">> {
  const ingestDir = join(folder, "ingest");
  await mkdir(ingestDir, { recursive: true });
  await writeJsonLines(join(ingestDir, "passages.jsonl"), passages);
  const rows = passages.reduce((sum, passage) => sum + windowCount(passage), 0);
  return { ingestDir, embedDirs: [await writeEmbedDir(join(folder, "embed"), randomVectors(rows, DIM), DIM)] };
}

/** An embedder whose vectors depend on the text. */
export function textEmbedder() {
  const vectorOf = (text: string) =>
    randomVectors(1, DIM, [...text].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7) % 1e6);
  return {
    dim: DIM,
    modelDigest: "d".repeat(64),
    embed: async ({ questions = [], passages = [] }: { questions?: string[]; passages?: string[] }) =>
      new Float32Array([...questions, ...passages].flatMap((text) => [...vectorOf(text)])),
  };
}

/** All rankings of some questions, as one value. */
export async function rankingsOf(retriever: Retriever, questions: readonly string[]): Promise<unknown> {
  const all: unknown[] = [];
  for (const question of questions) {
    const found = await retriever.find(question, await retriever.embedQuestion(question), 40);
    for (const ranking of RANKINGS) all.push([question, ranking, await retriever.rankBy(ranking, found, 40)]);
  }
  return all;
}

export const QUESTIONS = ["pods of node word7", "spec.nodeName probe", 'quoted "word12" quota', "nothing of this", ""];

/**
 * The conformance suite of a place that holds corpora: scores and lists as computed from the passages themselves.
 *
 * @param server is asked for when a test runs, once it is up; null for a corpus in memory.
 */
export function corpusSuite(name: string, server: () => VectorServer | null): void {
  describe(`a corpus ${name}`, () => {
    const home = mkdtempSync(join(tmpdir(), "winnow-corpus-"));
    const passages = somePassages(600);
    const embedder = textEmbedder();
    let dirs: CorpusDirs;
    let retriever: Retriever;
    const open = (over: Partial<CorpusDirs> = {}, by = embedder) =>
      openRetriever({ ...dirs, ...over, embedder: by, vectors: server() });

    beforeAll(async () => {
      const written = await writeCorpus(home, passages);
      dirs = { ...written, buildIndexDir: join(home, "index") };
      const args = { passagesDir: dirs.ingestDir, embedDirs: dirs.embedDirs, outDir: dirs.buildIndexDir };
      await buildIndex(args, quietContext({ vectors: server() }));
      retriever = await open();
    });
    afterAll(() => {
      retriever?.close();
      rmSync(home, { recursive: true });
    });

    it("finds by words and by vector what a full scan finds, with bit-equal scores", async () => {
      const bm25 = buildBm25(passages);
      const rows = passages.reduce((sum, passage) => sum + windowCount(passage), 0);
      const values = randomVectors(rows, DIM);
      const read = (row: number, count: number) => values.slice(row * DIM, (row + count) * DIM);
      const dot = (row: number, vector: Float32Array) => dotProduct(values, row * DIM, vector);
      const scale = (cosine: number) => retriever.scaled(cosine);
      const windows = new WindowVectors(await readFirstRows(dirs.ingestDir, passages.length), { read, dot }, scale);
      for (const question of QUESTIONS) {
        const vector = await embedder.embed({ questions: [question] });
        const { search } = await retriever.find(question, vector, 100);
        const scores = bm25.scoreAll(question);
        expect(search.lexical).toEqual(Array.from(topScores(scores, 200).positions));
        const near = passages.map((_, position) => ({ position, ...windows.nearest(position, vector) }));
        near.sort((a, b) => b.cosine - a.cosine || a.position - b.position);
        expect(search.dense).toEqual(near.slice(0, 200).map(({ position }) => position));
        for (const position of search.positions) {
          expect(search.bm25(position)).toBe(scores[position]);
          expect(search.nearest(position, vector)).toEqual(windows.nearest(position, vector));
        }
      }
    });

    it("gives the statistics of its terms", () => {
      const { terms } = buildBm25(passages);
      const own = (retriever as unknown as { parts: { corpus: { terms: typeof terms } } }).parts.corpus.terms;
      for (const question of [...QUESTIONS, "zebra 0x12 pods-and-zebras"]) {
        expect(own.weighted(question)).toEqual(terms.weighted(question));
        expect(own.bestPossible(question)).toBe(terms.bestPossible(question));
        expect(own.tellingIdf(question)).toBe(terms.tellingIdf(question));
      }
    });

    it("looks passages up by id and by page", async () => {
      expect(await retriever.passage("p35")).toEqual(passages[35]);
      expect(await retriever.page("p35")).toEqual(passages.slice(35, 42));
      expect([await retriever.passage("p9999"), await retriever.page("p9999")]).toEqual([null, null]);
      const book = await retriever.lookUp({ pages: ["pages/2.md", "pages/none.md"], ids: ["p100", "none"] });
      expect(book.count).toBe(600);
      expect(book.onPage("pages/2.md")).toEqual([14, 15, 16, 17, 18, 19, 20]);
      expect(book.onPage("pages/none.md")).toEqual([]);
      expect([book.at(14), book.at(book.withId("p100")!)]).toEqual([passages[14], passages[100]]);
      expect(book.withId("none")).toBeUndefined();
    });

    it("looks up the passages that state versions, by their pages and by the titles of those", async () => {
      const stating = passages.filter(({ text }) => statementIn(text) !== null);
      const onPages = await retriever.stating.onPages(["pages/0.md", "pages/11.md", "pages/12.md"]);
      const wanted = stating.filter(({ page }) => /^pages\/(0|11|12)\.md$/.test(page));
      expect(onPages).toEqual(wanted);
      const [first] = stating.filter(({ page }) => page === "pages/11.md");
      expect(await retriever.stating.named(["PageNumber11", "Nothing"])).toEqual([first]);
    });

    it("refuses another model's questions and damaged artifacts, by name", async () => {
      await expect(open({}, { ...embedder, modelDigest: "e".repeat(64) })).rejects.toMatchObject({ code: "BadModel" });
      const buildIndexDir = join(home, "damaged");
      await mkdir(buildIndexDir);
      for (const file of ["meta.json", "bm25.json", "bm25.bin", "terms.json", "terms.jsonl"]) {
        const bytes = await readFile(join(dirs.buildIndexDir, file)).catch(() => null);
        const cut = /bin|jsonl/.test(file) ? bytes?.subarray(0, -3) : bytes;
        if (cut) await writeFile(join(buildIndexDir, file), cut);
      }
      await expect(open({ buildIndexDir })).rejects.toMatchObject({
        code: "CorruptArtifact",
        message: expect.stringMatching(/bm25\.bin|terms\.jsonl/),
      });
    });
  });
}
