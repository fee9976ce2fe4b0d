import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { quietContext, type TaskContext } from "../../base/progress.ts";
import { openCrossEncoder } from "../../models/crossEncoder.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { writeTwin } from "../../models/modelFiles.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { readModel } from "../../onnx/read.ts";
import { writeModel } from "../../onnx/write.ts";
import { stepsLikePyTorch } from "../testing/pytorchSteps.ts";
import type { TrainingOptions } from "./settings.ts";
import { trainCrossEncoder } from "./trainer.ts";

interface Reference {
  texts: number[][];
  pairs: number[][];
  logits: number[];
  losses: number[];
  words: string;
  /** For each stored tensor: its parameter, and its float32 change over all steps in base64. */
  changes: Record<string, { of: string; change: string }>;
}

interface References {
  texts: string[];
  question: string;
  passages: string[];
  targets: number[];
  rate: number;
  decay: number;
  clip: number;
  models: Record<string, Reference>;
}

const fixtures = new URL("fixtures/", import.meta.url);
const references: References = JSON.parse(await readFile(new URL("exports.json", fixtures), "utf8"));
const folderOf = (name: string) => fileURLToPath(new URL(`exports/${name}`, fixtures));
const temporary = () => mkdtemp(join(tmpdir(), "winnow-export-"));
const { question, passages } = references;

/** A copy of the folder with its model or one of its JSON files changed. */
async function changed(name: string, file: string, change: (text: Buffer) => string | Uint8Array): Promise<string> {
  const folder = await temporary();
  await cp(folderOf(name), folder, { recursive: true });
  await writeFile(join(folder, file), change(await readFile(join(folder, file))));
  return folder;
}

async function optionsFor(baseDir: string, changes: Partial<TrainingOptions> = {}): Promise<TrainingOptions> {
  const group = { question, passages };
  const [outDir, checkpointDir] = [await temporary(), await temporary()];
  const rates = { learningRate: 3e-3, threads: 1, budgetMinutes: 60, maxSteps: 8, maxEpochs: 100 };
  return {
    baseDir,
    groups: [group, group, group],
    validation: [group],
    outDir,
    checkpointDir,
    seed: 5,
    ...rates,
    ...changes,
  };
}

function stopAt(step: number): TaskContext {
  const stop = new AbortController();
  return { signal: stop.signal, progress: (at) => at.step === step && stop.abort() };
}

describe.each(Object.entries(references.models))(
  "an exported %s (fixtures/exports_reference.py)",
  (name, reference) => {
    it("encodes texts and pairs like its own tokenizer", async () => {
      const tokenizer = await openTokenizer(folderOf(name));
      expect(references.texts.map((text) => tokenizer.encode(text, 40).ids)).toEqual(reference.texts);
      expect(passages.map((passage) => tokenizer.encodePair(question, passage, 40).ids)).toEqual(reference.pairs);
    });

    it("changes its weights over ten clipped AdamW steps like PyTorch, within 1 %", async () => {
      const base = await openBaseModel(folderOf(name), 1);
      const tokenizer = await openTokenizer(folderOf(name));
      const rows = passages.map((passage) => tokenizer.encodePair(question, passage, 40));
      const changeOf = (tensor: string) =>
        new Float32Array(Uint8Array.from(Buffer.from(reference.changes[tensor]!.change, "base64")).buffer);
      const nameOf = (tensor: string) => reference.changes[tensor]?.of ?? tensor;
      const taken = await stepsLikePyTorch(base, rows, { ...references, losses: reference.losses }, changeOf, nameOf);
      expect(taken.losses).toEqual(reference.losses.map((loss) => expect.closeTo(loss, 5)));
      expect(taken.trained.sort()).toEqual(Object.keys(reference.changes).sort());
      expect(taken.error).toBeLessThan(0.01);
    });

    it("is fine-tuned into a folder with its graph, new weights and an int8 twin, bit-equal when interrupted", async () => {
      const whole = await optionsFor(folderOf(name));
      const report = await trainCrossEncoder(whole, quietContext());
      expect(report.losses.at(-1)!.loss).toBeLessThan(report.losses[0]!.loss);
      const parts = await optionsFor(folderOf(name));
      await expect(trainCrossEncoder(parts, stopAt(3))).rejects.toMatchObject({ code: "Cancelled" });
      expect((await trainCrossEncoder(parts, quietContext())).resumedFrom).toBe(3);
      const file = join(whole.outDir, "onnx", "model.onnx");
      const bytes = await readFile(file);
      expect(bytes.equals(await readFile(join(parts.outDir, "onnx", "model.onnx")))).toBe(true);
      const [tuned, original] = [
        readModel(bytes, file),
        readModel(await readFile(join(folderOf(name), "model.onnx")), ""),
      ];
      expect(tuned.graph.nodes).toEqual(original.graph.nodes);
      const rawOf = ({ graph }: typeof tuned, tensor: string) => graph.initializers.find((t) => t.name === tensor)!.raw;
      expect(Buffer.from(rawOf(tuned, reference.words)).equals(rawOf(original, reference.words))).toBe(true);
      const trained = Object.keys(reference.changes)[3]!;
      expect(Buffer.from(rawOf(tuned, trained)).equals(rawOf(original, trained))).toBe(false);
      const [base, exact] = [await openCrossEncoder(folderOf(name)), await openCrossEncoder(whole.outDir)];
      // Written again, because the verdict on three pairs of so small a model may go either way (twinCheck.test.ts).
      expect(await writeTwin(tuned, join(whole.outDir, "onnx", "model_quantized.onnx"))).toBeNull();
      const twin = await openCrossEncoder(whole.outDir, { precision: "int8" });
      const [a, b, c] = await Promise.all([base, exact, twin].map((model) => model.score(question, passages)));
      expect(a!.map((logit, i) => Math.abs(logit - reference.logits[i]!) < 1e-4)).toEqual([true, true, true]);
      expect(b![0]! - b![1]!).toBeGreaterThan(a![0]! - a![1]!);
      c!.forEach((logit, i) => {
        expect(Math.abs(logit - b![i]!)).toBeLessThan(0.1);
      });
      await Promise.all([base.close(), exact.close(), twin.close()]);
    });
  },
);

describe("the folder of an export", () => {
  it("is written with config.json for one raw logit, tokenizer and card, and trains further", async () => {
    const options = await optionsFor(folderOf("roberta"), { maxSteps: 2 });
    await trainCrossEncoder(options, quietContext());
    const files = [
      "README.md",
      "config.json",
      "onnx",
      "tokenizer.json",
      "tokenizer_config.json",
      "training.json",
      "training.svg",
    ];
    expect((await readdir(options.outDir)).sort()).toEqual(files.sort());
    const config = JSON.parse(await readFile(join(options.outDir, "config.json"), "utf8"));
    const identity = { activation_fn: "torch.nn.modules.linear.Identity" };
    expect(config).toMatchObject({ model_type: "roberta", num_labels: 1, sentence_transformers: identity });
    const again = await optionsFor(options.outDir, { maxSteps: 2 });
    expect((await trainCrossEncoder(again, quietContext())).steps).toBe(2);
  });

  it("needs no config.json; the card then states what does", async () => {
    const folder = await changed("bert", "config.json", () => "{}");
    await rm(join(folder, "config.json"));
    const options = await optionsFor(folder, { maxSteps: 1 });
    await trainCrossEncoder(options, quietContext());
    expect(await readFile(join(options.outDir, "README.md"), "utf8")).toContain("The base had no `config.json`");
  });

  it("can have layers frozen, identified by the names of its nodes", async () => {
    const options = await optionsFor(folderOf("distilbert"), { frozenLayers: 1, maxSteps: 2 });
    await trainCrossEncoder(options, quietContext());
    const [before, after] = [await openBaseModel(folderOf("distilbert"), 1), await openBaseModel(options.outDir, 1)];
    const moved = [...before.weights].flatMap(([tensor, { data }]) =>
      data.every((x, i) => x === after.weights.get(tensor)!.data[i])
        ? []
        : [references.models.distilbert!.changes[tensor]!.of],
    );
    expect(moved).toContain("distilbert.transformer.layer.1.attention.q_lin.weight");
    expect(moved.filter((parameter) => /embeddings|layer\.0/.test(parameter))).toEqual([]);
    await expect(trainCrossEncoder({ ...options, frozenLayers: 3 }, quietContext())).rejects.toThrow("has 2 layers");
  });

  it("limits pairs to the positions of its model", async () => {
    expect((await openBaseModel(folderOf("bert"), 1)).network.positions).toBe(40);
    expect((await openBaseModel(folderOf("roberta"), 1)).network.positions).toBe(40);
    const reranker = await openCrossEncoder(folderOf("roberta"));
    expect(await reranker.score(question, ["the pod ".repeat(100)])).toHaveLength(1);
    await reranker.close();
  });

  it("is refused if the tokenizer belongs to another model", async () => {
    const training = async (folder: string) => trainCrossEncoder(await optionsFor(folder), quietContext());
    const bpe = await readFile(join(folderOf("roberta"), "tokenizer.json"));
    await expect(training(await changed("distilbert", "tokenizer.json", () => bpe))).rejects.toThrow(
      /the tokenizer is not this model's: its ids go up to 299, the model has \d+ words/,
    );
    const pieces = await readFile(join(folderOf("bert"), "tokenizer.json"));
    await expect(training(await changed("roberta", "tokenizer.json", () => pieces))).rejects.toThrow(
      "config.json says pad_token_id 1, the tokenizer has 0",
    );
  });

  it("is refused if it is not a cross-encoder, truncated, missing, or not float32", async () => {
    const opening = async (change: (bytes: Buffer) => Uint8Array) =>
      openBaseModel(await changed("bert", "model.onnx", change), 1);
    const remade = (change: (model: ReturnType<typeof readModel>) => void) => (bytes: Buffer) => {
      const model = readModel(bytes, "model.onnx");
      change(model);
      return writeModel(model);
    };
    await expect(opening((bytes) => bytes.subarray(0, 9000))).rejects.toMatchObject({ code: "BadModel" });
    const renamed = remade(({ graph }) => {
      graph.outputs[0]!.name = "last_hidden_state";
    });
    await expect(opening(renamed)).rejects.toThrow(
      "expected the output logits of a trained head, got last_hidden_state",
    );
    const half = remade(({ graph }) => {
      graph.initializers[0]!.elementCode = 10;
    });
    await expect(opening(half)).rejects.toThrow(/element type 10; fine-tuning needs a float32 export/);
    const folder = await temporary();
    await cp(folderOf("bert"), folder, { recursive: true });
    await rm(join(folder, "model.onnx"));
    await expect(openBaseModel(folder, 1)).rejects.toMatchObject({ code: "BadModel" });
  });
});
