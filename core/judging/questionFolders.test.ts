import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadQuestionSet } from "./questionSet.ts";
import { createJudge } from "./relevance.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-questions-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const relevantOf = (questions: Awaited<ReturnType<typeof loadQuestionSet>>) =>
  questions.map(({ id, query, relevant }) => [
    id,
    query,
    relevant.map(({ path, anchor = "", grade }) => [path, anchor, grade]),
  ]);

const queries =
  '{"_id": "q1", "text": "how do pods restart"}\n{"_id": "q2", "text": "what is a job", "metadata": {}}\n';

describe("question sets as folders", () => {
  it("reads BEIR: queries.jsonl with the test split, sections by their anchor, grades of 2 and more as answers", async () => {
    const test =
      "query-id\tcorpus-id\tscore\nq1\tpods.md#when-they-restart\t3\nq1\tnodes.md\t1\nq1\tjobs.md\t0\nq2\tjobs.md\t0\n";
    const set = await loadQuestionSet(
      await write({ "queries.jsonl": queries, "qrels/test.tsv": test, "qrels/dev.tsv": "x" }),
    );
    expect(relevantOf(set)).toEqual([
      [
        "q1",
        "how do pods restart",
        [
          ["pods.md", "when-they-restart", 2],
          ["nodes.md", "", 1],
        ],
      ],
    ]);
  });

  it("reads TREC: topics as lines or as blocks, and qrels whose only positive grade answers", async () => {
    const qrels = "1 0 pods.md 1\n1 0 nodes.md -1\n2 0 jobs.md#create 1\n";
    const expected = [
      ["1", "pods restart", [["pods.md", "", 2]]],
      ["2", "create a job", [["jobs.md", "create", 2]]],
    ];
    await write({ "topics.tsv": "1\tpods restart\n2\tcreate a job\n", "qrels.txt": qrels });
    expect(relevantOf(await loadQuestionSet(folder))).toEqual(expected);
    await rm(join(folder, "topics.tsv"));
    const blocks =
      "<top>\n<num> Number: 1\n<title> pods\n restart\n<desc> Description:\nmore\n</top>\n<top><num>2</num><title>create a job</title></top>";
    await write({ "topics.301": blocks });
    expect(relevantOf(await loadQuestionSet(folder))).toEqual(expected);
  });

  it("names file and line of invalid input", async () => {
    await write({ "queries.jsonl": queries, "qrels/test.tsv": "q1\tpods.md\t2\nq2\tjobs.md\n" });
    await expect(loadQuestionSet(folder)).rejects.toThrow(/test\.tsv, line 2: expected a question's id, a document/);
    await write({ "queries.jsonl": `${queries}${queries}`, "qrels/test.tsv": "q1\tpods.md\t2\n" });
    await expect(loadQuestionSet(folder)).rejects.toThrow(/queries\.jsonl, line 3: id "q1" was used before/);
    await write({ "queries.jsonl": queries, "qrels/test.tsv": "q1\tpods.md\t0\n" });
    await expect(loadQuestionSet(folder)).rejects.toThrow(/holds no question with a relevant page/);
    await rm(join(folder, "queries.jsonl"));
    await expect(loadQuestionSet(folder)).rejects.toMatchObject({
      code: "BadQuestionSet",
      message: expect.stringMatching(
        /no file named topics\*.* a JSON Lines file or a folder in BEIR's or TREC's format/,
      ),
    });
  });

  it("finds the section by the anchor of its URL, whatever its heading", async () => {
    await write({ "queries.jsonl": queries, "qrels/test.tsv": "q1\tpods.md#when-they-restart\t1\n" });
    const passage = (id: string, url: string) => ({
      id,
      page: "pods.md",
      heading: ["Pods", id],
      url,
      lines: [1, 2] as [number, number],
      text: id,
    });
    const judge = createJudge([passage("a", "/pods/"), passage("b", "https://docs.example/pods/#when-they-restart")]);
    const { judgments, stale } = judge.resolve((await loadQuestionSet(folder))[0]!);
    expect([stale, judgments.map(({ holders }) => [...holders])]).toEqual([false, [[1]]]);
  });
});
