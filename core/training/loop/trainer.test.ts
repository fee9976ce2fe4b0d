import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import { readTrainingCurve } from "../../artifacts/reranker.ts";
import { quietContext, type TaskContext } from "../../base/progress.ts";
import { openCrossEncoder } from "../../models/crossEncoder.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { writeSafetensors } from "../../models/safetensors.ts";
import { TINY_CONFIG, tinyWeights, writeTinyModel } from "../../models/testing/tinyModel.ts";
import { colourGroups, dieAt, modelOf, optionsFor, stopAt, temporary } from "../testing/colourFixture.ts";
import { trainCrossEncoder } from "./trainer.ts";
import type { TrainingReport } from "./trainingReport.ts";

function fewerWords(words: number) {
  const name = "embeddings.word_embeddings.weight";
  const { hidden_size: hidden } = TINY_CONFIG;
  const weights = tinyWeights(1);
  return weights.set(name, { dims: [words, hidden], data: weights.get(name)!.data.slice(0, words * hidden) });
}

describe("training a cross-encoder", () => {
  let base: string;
  /** A run without interruption, with the same options as those that are interrupted. */
  let whole: { outDir: string; report: TrainingReport };
  beforeAll(async () => {
    base = await temporary();
    await writeTinyModel(base);
    const options = await optionsFor(base);
    whole = { outDir: options.outDir, report: await trainCrossEncoder(options, quietContext()) };
  });

  it("learns to rank the positive first, also on its validation questions", async () => {
    const options = await optionsFor(base, {
      maxSteps: 60,
      maxEpochs: 100,
      learningRate: 3e-3,
      headLearningRate: 1e-2,
      distillation: 0,
    });
    const report = await trainCrossEncoder(options, quietContext());
    expect(report.losses).toHaveLength(60);
    const mean = (from: number, to: number) =>
      report.losses.slice(from, to).reduce((sum, { loss }) => sum + loss, 0) / (to - from);
    expect(mean(50, 60)).toBeLessThan(0.6 * mean(0, 10));
    expect(report.validation.at(-1)!.ndcg).toBeGreaterThan(0.95);
    const reranker = await openCrossEncoder(options.outDir, { threads: 1 });
    const logits = await reranker.score("what is blue", ["the pod is red", "the pod is blue", "the pod is green"]);
    expect(logits.indexOf(Math.max(...logits))).toBe(1);
    await reranker.close();
  });

  it("ends with the same bits after being interrupted and resumed", async () => {
    const parts = await optionsFor(base);
    await expect(trainCrossEncoder(parts, stopAt(3))).rejects.toMatchObject({ code: "Cancelled" });
    await expect(trainCrossEncoder({ ...parts, checkpointSeconds: 0 }, dieAt(7))).rejects.toThrow("died");
    await writeFile(join(parts.checkpointDir, "step-8.new"), "half written");
    await expect(trainCrossEncoder(parts, stopAt(9))).rejects.toThrow("cancelled at step 9 of 12");
    const report = await trainCrossEncoder(parts, quietContext());
    expect(report.resumedFrom).toBe(9);
    expect(report.losses).toEqual(whole.report.losses);
    expect(Buffer.compare(await modelOf(parts.outDir), await modelOf(whole.outDir))).toBe(0);
  });

  it("stops while validating and still ends with the same bits", async () => {
    const parts = await optionsFor(base);
    const stop = new AbortController();
    const progress: TaskContext["progress"] = ({ note }) => note?.startsWith("checking on") && stop.abort();
    await expect(trainCrossEncoder(parts, { signal: stop.signal, progress })).rejects.toThrow("while validating");
    expect(await trainCrossEncoder(parts, quietContext())).toMatchObject({ resumedFrom: 3 });
    expect(Buffer.compare(await modelOf(parts.outDir), await modelOf(whole.outDir))).toBe(0);
  });

  it("continues from the previous checkpoint, or anew, if the newest or the best weights are damaged, to the same bits", async () => {
    const resumedFrom = async (damaged: string[]) => {
      const parts = await optionsFor(base, { checkpointSeconds: 0 });
      await expect(trainCrossEncoder(parts, stopAt(8))).rejects.toThrow("cancelled");
      for (const name of damaged) await writeFile(join(parts.checkpointDir, name, "weights.f32"), "damaged");
      const report = await trainCrossEncoder(parts, quietContext());
      expect(Buffer.compare(await modelOf(parts.outDir), await modelOf(whole.outDir))).toBe(0);
      return report.resumedFrom;
    };
    expect(await resumedFrom([])).toBe(8);
    expect(await resumedFrom(["step-8"])).toBe(1);
    // Validation runs every three steps, so the first checkpoint has no best weights yet.
    expect(await resumedFrom(["best-3"])).toBe(1);
    expect(await resumedFrom(["step-8", "step-1"])).toBeNull();
  });

  it("does not resume from a run with other settings or data", async () => {
    const options = await optionsFor(base);
    await expect(trainCrossEncoder(options, stopAt(3))).rejects.toThrow("cancelled");
    const report = await trainCrossEncoder({ ...options, seed: 6 }, quietContext());
    expect(report.resumedFrom).toBeNull();
  });

  it("stops early when validation stops improving, and exports the best weights", async () => {
    // Validation names a wrong colour as right, so it gets worse as training gets better.
    const inverted = colourGroups(12).map(({ question, passages: [right, wrong, other] }) => ({
      ...{ question, passages: [wrong!, right!, other!] },
    }));
    const rates = { learningRate: 3e-3, headLearningRate: 1e-2, distillation: 0.2 };
    const options = await optionsFor(base, { ...rates, validation: inverted, maxSteps: 60, maxEpochs: 100 });
    const report = await trainCrossEncoder({ ...options, patience: 1 }, quietContext());
    expect(report.stoppedEarly).toBe(true);
    expect(report.steps).toBeLessThan(60);
    expect(report.steps).toBe(report.validation.at(-1)!.step);
    expect(report.validation.at(-1)!.ndcg).toBeLessThan(report.validation.at(-2)!.ndcg);
    expect(report.bestStep).toBe(report.validation.at(-2)!.step);
    expect(await trainCrossEncoder(options, quietContext())).toMatchObject({ stoppedEarly: false, steps: 60 });
  });

  it("keeps the earlier of two equally good weights, and patience counts the second as no improvement", async () => {
    const still = { learningRate: 1e-12, headLearningRate: 1e-12, patience: 2 };
    const report = await trainCrossEncoder(await optionsFor(base, still), quietContext());
    expect(report).toMatchObject({ bestStep: 3, stoppedEarly: true, steps: 9 });
    expect(new Set(report.validation.map(({ ndcg }) => ndcg)).size).toBe(1);
  });

  it("leaves frozen layers unchanged, and trains the others", async () => {
    const options = await optionsFor(base, { frozenLayers: 1, maxSteps: 2 });
    await trainCrossEncoder(options, quietContext());
    const [before, after] = [await openBaseModel(base, 5), await openBaseModel(options.outDir, 5)];
    const changed = [...before.weights].filter(
      ([name, { data }]) => !after.weights.get(name)!.data.every((x, i) => x === data[i]),
    );
    const names = changed.map(([name]) => name);
    expect(names.some((name) => name.startsWith("embeddings.") || name.startsWith("encoder.layer.0."))).toBe(false);
    expect(names).toContain("encoder.layer.1.attention.self.query.weight");
    expect(names).toContain("classifier.weight");
    await expect(trainCrossEncoder({ ...options, frozenLayers: 3 }, quietContext())).rejects.toThrow(
      "the model has 2 layers",
    );
  });

  it("exports a standard folder whose card states base, data and metrics", async () => {
    const options = await optionsFor(base, { dataDescription: "24 questions about colours" });
    const report = await trainCrossEncoder(options, quietContext());
    expect((await readdir(options.outDir)).sort()).toEqual(
      [
        "README.md",
        "config.json",
        "onnx",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
        "training.svg",
        "vocab.txt",
      ].sort(),
    );
    expect((await readdir(join(options.outDir, "onnx"))).sort()).toEqual(["model.onnx", "model_quantized.onnx"]);
    const config = JSON.parse(await readFile(join(options.outDir, "config.json"), "utf8"));
    expect(config).toMatchObject({ architectures: ["BertForSequenceClassification"], num_labels: 1 });
    const card = await readFile(join(options.outDir, "README.md"), "utf8");
    expect(card).toContain("encoder with a fresh head");
    expect(card).toContain("24 questions about colours");
    expect(card).toContain(report.validation.at(-1)!.ndcg.toFixed(4));
    expect(card).toContain("](training.svg)");
    expect(card).toMatch(/twin, which (computes nearly the same: on 18 pairs its logits are off by|was not compared)/);
    expect(card).toContain("Validation groups were not trained on; they chose the weights");
    const { losses, validation } = report;
    expect(await readTrainingCurve(options.outDir)).toEqual({ losses, validation, data: options.dataDescription });
  });

  it("trains further from its own folder, starting with the same logits, with the head at the body's rate", async () => {
    const second = await optionsFor(whole.outDir, { maxSteps: 1, learningRate: 1e-9, headLearningRate: 1 });
    const report = await trainCrossEncoder(second, quietContext());
    expect(report.base).not.toContain("fresh head");
    const [before, after] = await Promise.all([openCrossEncoder(whole.outDir), openCrossEncoder(second.outDir)]);
    const [a, b] = [await before.score("what is red", ["a red pod"]), await after.score("what is red", ["a red pod"])];
    expect(b[0]).toBeCloseTo(a[0]!, 5);
    await Promise.all([before.close(), after.close()]);
  });

  it("trains with each loss", async () => {
    for (const loss of ["binary", "marginMse"] as const) {
      const options = await optionsFor(base, { loss, maxSteps: 40, maxEpochs: 100, learningRate: 3e-3 });
      const { losses } = await trainCrossEncoder(options, quietContext());
      expect(losses.at(-1)!.loss).toBeLessThan(losses[0]!.loss);
    }
  });

  it("counts the pairs cut to size, in its report and in the model card", async () => {
    const long = colourGroups(4).map((group) => ({
      ...group,
      passages: [group.passages[0]!, ...group.passages.slice(1).map((text) => `${text} ${"a node ".repeat(60)}`)],
    }));
    const options = await optionsFor(base, { groups: long, maxSteps: 1 });
    const report = await trainCrossEncoder(options, quietContext());
    expect([report.pairs, report.cutPairs]).toEqual([12, 8]);
    const card = await readFile(join(options.outDir, "README.md"), "utf8");
    expect(card).toContain("8 of 12 pairs were longer than 64 tokens and were cut");
  });

  it("trains on useful groups, reports those left out, and refuses data of one class", async () => {
    const [first, ...others] = colourGroups(4);
    const same = { question: "what is red", passages: ["the pod is red", "the pod is red"] };
    const mixed = { ...first!, passages: [...first!.passages, first!.passages[0]!], teacher: [2, 0, 0, 2] };
    const clean = await optionsFor(base, { maxSteps: 1, loss: "binary", groups: [first!, ...others] });
    const options = { ...clean, groups: [mixed, ...others, same], outDir: await temporary() };
    const report = await trainCrossEncoder(options, quietContext());
    expect(report).toMatchObject({ pairs: 12, leftOut: { groups: 1, negatives: 1 } });
    const remarks = /left out: 1 groups without .* differs; left out: 1 negatives/;
    expect(await readFile(join(options.outDir, "README.md"), "utf8")).toMatch(remarks);
    expect((await readTrainingCurve(options.outDir))!.data).toMatch(remarks);
    await trainCrossEncoder({ ...clean, checkpointDir: await temporary() }, quietContext());
    expect(Buffer.compare(await modelOf(clean.outDir), await modelOf(options.outDir))).toBe(0);
    await expect(trainCrossEncoder({ ...options, groups: [same] }, quietContext())).rejects.toThrow("of one class");
  });

  it("refuses a tokenizer with more words than the model, and weights that are not safetensors", async () => {
    const other = await temporary();
    await writeTinyModel(other);
    const config = JSON.parse(await readFile(join(other, "config.json"), "utf8"));
    const options = await optionsFor(other);
    await writeFile(join(other, "model.safetensors"), "not tensors");
    await expect(trainCrossEncoder(options, quietContext())).rejects.toMatchObject({ code: "BadModel" });
    await writeSafetensors(join(other, "model.safetensors"), fewerWords(20));
    await writeFile(join(other, "config.json"), JSON.stringify({ ...config, vocab_size: 20 }));
    await expect(trainCrossEncoder(options, quietContext())).rejects.toThrow(
      /the tokenizer is not this model's: its ids go up to \d+, the model has 20/,
    );
  });

  it("reports a checkpoint that cannot be written", async () => {
    const file = join(await temporary(), "file");
    await writeFile(file, "where a folder would have to be");
    const options = await optionsFor(base, { checkpointDir: join(file, "checkpoints") });
    await expect(trainCrossEncoder(options, quietContext())).rejects.toMatchObject({ code: "StorageFailed" });
  });

  it("names an invalid option", async () => {
    const options = await optionsFor(base);
    const withGroup = (group: TrainingGroup) => trainCrossEncoder({ ...options, groups: [group] }, quietContext());
    await expect(withGroup({ question: "q", passages: ["only"] })).rejects.toThrow("group 0 needs a positive");
    await expect(withGroup({ question: "q", passages: ["a", "b"], teacher: [1] })).rejects.toThrow("1 teacher scores");
    await expect(trainCrossEncoder({ ...options, groups: [] }, quietContext())).rejects.toMatchObject({
      code: "BadInput",
    });
    await rm(join(base, "absent"), { force: true });
    await expect(
      trainCrossEncoder({ ...options, baseDir: join(base, "absent") }, quietContext()),
    ).rejects.toMatchObject({
      code: "BadModel",
    });
  });
});
