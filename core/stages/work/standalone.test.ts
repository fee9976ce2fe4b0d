import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { readPairs } from "../../training/pairs.ts";
import { publishModel } from "./publish.ts";
import { trainFromPairs } from "./standalone.ts";

const folder = await mkdtemp(join(tmpdir(), "winnow-pairs-"));

async function pairsFile(...lines: string[]): Promise<string> {
  const file = join(folder, "pairs.jsonl");
  await writeFile(file, lines.join("\n"));
  return file;
}

const good = JSON.stringify({ query: "what is a pod", positive: "a pod is", negatives: ["a node is", "a job is"] });

describe("training from a pairs file", () => {
  it("reads one group per line, the positive first, and skips blank lines", async () => {
    expect(await readPairs(await pairsFile(good, "", `${good}\r`))).toEqual([
      { question: "what is a pod", passages: ["a pod is", "a node is", "a job is"] },
      { question: "what is a pod", passages: ["a pod is", "a node is", "a job is"] },
    ]);
  });

  it("names file, line and field of an error", async () => {
    const wrong = (line: string) => pairsFile(good, line).then(readPairs);
    await expect(wrong("{")).rejects.toThrow(/pairs\.jsonl, line 2: not JSON/);
    await expect(wrong('{"query": "q", "positive": "p", "negatives": []}')).rejects.toThrow(/line 2: negatives/);
    await expect(wrong('{"query": "q", "negatives": ["n"]}')).rejects.toThrow(/line 2: positive/);
    await expect(readPairs(await pairsFile(""))).rejects.toThrow("holds no pairs");
    await expect(readPairs(join(folder, "absent"))).rejects.toMatchObject({ code: "BadInput" });
  });

  it("accepts a teacher's scores, one per passage", async () => {
    const line = (scores: number[]) => JSON.stringify({ ...JSON.parse(good), scores });
    expect((await readPairs(await pairsFile(line([3, 1, 0.5]))))[0]).toEqual({
      question: "what is a pod",
      passages: ["a pod is", "a node is", "a job is"],
      scores: [3, 1, 0.5],
    });
    await expect(pairsFile(good, line([3])).then(readPairs)).rejects.toThrow(/line 2: scores: expected 3.*got 1/);
  });

  it("refuses a pair that asks a judged question, naming both", async () => {
    const questionsFile = join(folder, "questions.jsonl");
    const judged = { id: "q7", query: "What is a Pod?", kind: "unanswerable-near", relevant: [] };
    await writeFile(questionsFile, JSON.stringify(judged));
    const file = await pairsFile(JSON.stringify({ ...JSON.parse(good), query: "how do i delete a node" }), good);
    const training = { baseDir: folder, outDir: join(folder, "none"), budgetMinutes: 1, seed: 1 };
    await expect(trainFromPairs({ ...training, pairsFile: file, questionsFile }, quietContext())).rejects.toMatchObject(
      {
        code: "BadInput",
        message: expect.stringMatching(/training question 2 \("what is a pod"\) is nearly question q7/),
      },
    );
  });

  it("replaces an earlier model's files, and leaves others in its folder alone", async () => {
    const [draft, out] = [join(folder, "draft"), join(folder, "out")];
    for (const dir of [draft, out]) await mkdir(join(dir, "onnx"), { recursive: true });
    for (const name of ["README.md", "config.json", "notes.txt", "onnx/model.onnx", "onnx/model_quantized.onnx"])
      await writeFile(join(out, name), "old");
    for (const name of ["README.md", "onnx/model.onnx"]) await writeFile(join(draft, name), "new");
    await publishModel(draft, out);
    const left = (await readdir(out, { recursive: true })).sort();
    expect(left).toEqual(["README.md", "notes.txt", "onnx", "onnx/model.onnx"]);
    expect(await readFile(join(out, "onnx/model.onnx"), "utf8")).toBe("new");
    expect(existsSync(draft)).toBe(false);
  });

  it("leaves a model folder and removes its checkpoints", async () => {
    const baseDir = await mkdtemp(join(tmpdir(), "winnow-pairs-base-"));
    await writeTinyModel(baseDir);
    const outDir = join(folder, "model");
    const file = await pairsFile(good, good, good, good);
    const report = await trainFromPairs(
      { pairsFile: file, baseDir, outDir, budgetMinutes: 5, seed: 1 },
      quietContext({ threads: 1 }),
    );
    expect(report.steps).toBe(4);
    expect(existsSync(join(outDir, "onnx", "model.onnx"))).toBe(true);
    expect(existsSync(`${outDir}.checkpoints`)).toBe(false);
    expect(existsSync(`${outDir}.new`)).toBe(false);
  });
});
