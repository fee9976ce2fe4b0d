import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quietContext } from "../../../base/progress.ts";
import { usablePrecision } from "../../../onnx/integerProducts.ts";
import { quantizeModel } from "../../../onnx/quantize.ts";
import { createSession } from "../../../onnx/runtime.ts";
import type { ModelProto } from "../../../onnx/schema.ts";
import { writeModel } from "../../../onnx/write.ts";
import { TrainingEngine } from "../../../training/loop/engine.ts";
import { updateScalars } from "../../../training/loop/schedule.ts";
import { type PyTorchSteps, stepOn, stepsLikePyTorch } from "../../../training/testing/pytorchSteps.ts";
import { type BaseModel, weightsDigest } from "../../baseModel.ts";
import { type EncodedText, encoderFeeds } from "../../batches.ts";
import type { Embedder } from "../../embedder.ts";
import { writeUntrained } from "../../untrained.ts";
import type { EmbedderFamily, RerankerFamily } from "../family.ts";
import { openBaseModel } from "../index.ts";
import { lookAt } from "../modelFolder.ts";

const temporary = () => mkdtemp(join(tmpdir(), "winnow-family-"));
const TEXTS = ["a job", "the pod runs a service in the node how do i create a job", "delete"];

export interface EmbedderCase {
  /** Variant of the family under test; default: the family's name. */
  title?: string;
  family: EmbedderFamily;
  /** Writes a small model of the family. Another seed gives other weights. */
  write(folder: string, seed?: number): Promise<void>;
  /** Files without which it cannot be opened. */
  needs: readonly string[];
  /** Texts, with their unit vectors as questions and as passages by the reference implementation. */
  reference?: { texts: readonly string[]; questions: readonly number[][]; passages: readonly number[][] };
  /** False if the family computes no products, so that int8 gives the same vectors. */
  hasTwin?: boolean;
}

/** The cosine of two vectors of unit length. */
function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

function rowsOf(vectors: Float32Array, dim: number): Float32Array[] {
  return Array.from({ length: vectors.length / dim }, (_, row) => vectors.subarray(row * dim, (row + 1) * dim));
}

/** Requirements for every family of embedders. */
export function embedderSuite(each: EmbedderCase): void {
  const { title = each.family.name, family, write, needs, reference, hasTwin = true } = each;
  const open = async (folder: string, precision?: "int8") =>
    family.open(await lookAt(folder), { threads: 1, precision });

  describe(`${title} (embedders of the family ${family.name})`, () => {
    let folder: string;
    let embedder: Embedder;
    beforeAll(async () => {
      folder = await temporary();
      await write(folder);
      embedder = await open(folder);
    });
    afterAll(() => embedder.close());

    it("match, and their description equals the opened embedder's", async () => {
      expect(await family.matches(await lookAt(folder))).toBe(true);
      const { prefixes, pooling, ...facts } = await family.describe(await lookAt(folder));
      const { id, dim, modelDigest, limits } = embedder;
      expect(facts).toEqual({ id, dim, modelDigest, limits });
      expect(modelDigest).toMatch(/^[0-9a-f]{64}$/);
    });

    if (reference) {
      it("give the reference implementation's vectors", async () => {
        const { texts, questions, passages } = reference;
        const found = rowsOf(await embedder.embed({ questions: texts, passages: texts }), embedder.dim);
        for (const [row, expected] of [...questions, ...passages].entries()) {
          const differences = expected.map((x, i) => Math.abs(found[row]![i]! - x));
          expect(Math.max(...differences), `text ${row}`).toBeLessThan(1e-4);
          expect(found[row]).toHaveLength(expected.length);
        }
      });
    }

    it("give unit vectors in input order, whatever the batch", async () => {
      const together = await embedder.embed({ passages: TEXTS });
      expect(together).toHaveLength(TEXTS.length * embedder.dim);
      for (const [row, vector] of rowsOf(together, embedder.dim).entries()) {
        const alone = await embedder.embed({ passages: [TEXTS[row]!] });
        expect(vector.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
        alone.forEach((x, i) => {
          expect(vector[i]).toBeCloseTo(x, 5);
        });
      }
      expect(await embedder.embed({})).toHaveLength(0);
    });

    it("give questions first, with their own prefix", async () => {
      const { prefixes } = await family.describe(await lookAt(folder));
      const [question, passage] = rowsOf(
        await embedder.embed({ questions: [TEXTS[0]!], passages: [TEXTS[0]!] }),
        embedder.dim,
      );
      expect(Array.from(await embedder.embed({ questions: [TEXTS[0]!] }))).toEqual(
        Array.from(question!, (x) => expect.closeTo(x, 5)),
      );
      const alike = prefixes.questions === prefixes.passages;
      if (alike) expect(question).toEqual(passage);
      else expect(cosine(question!, passage!)).toBeLessThan(0.999);
    });

    it("read no more of a text than their limit", async () => {
      const { maxTokens } = embedder.limits;
      const long = "pod ".repeat(maxTokens + 1);
      const [cut, whole] = rowsOf(await embedder.embed({ passages: [long, `${long} green blue`] }), embedder.dim);
      expect(cut).toEqual(whole);
    });

    it("give nearly the same vectors with the int8 twin", async () => {
      const twin = await open(folder, "int8");
      const found = rowsOf(await twin.embed({ passages: TEXTS }), twin.dim);
      const exact = rowsOf(await embedder.embed({ passages: TEXTS }), embedder.dim);
      for (const [row, vector] of found.entries()) expect(cosine(vector, exact[row]!)).toBeGreaterThan(0.985);
      if (hasTwin && (await usablePrecision("int8")) === "int8") expect(found).not.toEqual(exact);
      expect(twin.modelDigest).toBe(embedder.modelDigest);
      await twin.close();
    });

    it("have a digest that changes with the weights", async () => {
      const other = await temporary();
      await write(other, 2);
      const second = await open(other);
      expect(second.modelDigest).not.toBe(embedder.modelDigest);
      await second.close();
    });

    it("stop between batches when cancelled", async () => {
      const stop = new AbortController();
      stop.abort();
      const context = { ...quietContext(), signal: stop.signal };
      await expect(embedder.embed({ passages: ["a"] }, context)).rejects.toThrow("cancelled");
    });

    it.each(needs)("name %s if a model folder lacks it", async (file) => {
      const broken = await temporary();
      await write(broken);
      await rm(join(broken, file));
      const opening = open(broken);
      await expect(opening).rejects.toThrow(file);
      await expect(opening).rejects.toMatchObject({ code: "BadModel" });
    });
  });
}

export interface RerankerCase {
  /** Variant of the family under test. */
  title: string;
  family: RerankerFamily;
  folder(): Promise<string>;
  /** Sets reference weights that the folder leaves open. */
  prepare?(base: BaseModel): void;
  /** Pairs of several lengths, with their logits by the reference implementation. */
  rows(folder: string): Promise<EncodedText[]>;
  logits: readonly number[];
  /** Steps that PyTorch made from the same weights, if known; `after` holds the weights that they led to. */
  steps?: PyTorchSteps & { after(): Promise<string> };
}

const ADAM = { beta1: 0.9, beta2: 0.999 };
const STEPS = 5;

async function logitsOf(model: ModelProto, base: BaseModel, rows: readonly EncodedText[]): Promise<number[]> {
  const session = await createSession(writeModel(model), { threads: 1 });
  const feeds = Object.entries(encoderFeeds(rows)).filter(([name]) => session.inputNames.includes(name));
  expect(feeds.length, base.name).toBe(session.inputNames.length);
  const { logits } = await session.run(Object.fromEntries(feeds));
  await session.close();
  return Array.from(logits!.data as Float32Array);
}

/** Requirements for every family of rerankers that training can start from. */
export function rerankerSuite({ title, family, folder, prepare = () => {}, rows, logits, steps }: RerankerCase): void {
  describe(`${title} (family ${family.name})`, () => {
    let dir: string;
    let pairs: EncodedText[];
    const open = async () => {
      const base = await family.open(await lookAt(dir), 5);
      prepare(base);
      return base;
    };
    const training = async (base: BaseModel) =>
      TrainingEngine.open(base, { loss: "listwise", dropout: 0, threads: 1, maxNorm: 1, ...ADAM });
    const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 4));
    beforeAll(async () => {
      dir = await folder();
      pairs = await rows(dir);
    });

    it("matches", async () => {
      expect(await family.matches(await lookAt(dir))).toBe(true);
    });

    it("has the reference implementation's logits, in training and serving, whatever the batch", async () => {
      const base = await open();
      const engine = await training(base);
      expect(await engine.score(pairs).then((found) => Array.from(found))).toEqual(near(logits));
      await engine.close();
      const model = base.network.toModel(base.weights);
      expect(await logitsOf(model, base, pairs)).toEqual(near(logits));
      for (const [row, pair] of pairs.entries())
        expect(await logitsOf(model, base, [pair])).toEqual(near([logits[row]!]));
    });

    it("has an int8 twin with nearly its logits", async () => {
      const base = await open();
      const twin = quantizeModel(base.network.toModel(base.weights));
      const spread = Math.max(1, ...logits.map(Math.abs));
      (await logitsOf(twin, base, pairs)).forEach((logit, row) => {
        expect(Math.abs(logit - logits[row]!)).toBeLessThan(0.1 * spread);
      });
    });

    it("trains every weight that is not frozen, and the loss falls", async () => {
      const base = await open();
      const frozen = base.network.frozen(0);
      const engine = await training(base);
      const trained = [...base.weights.keys()].filter((name) => !frozen(name));
      expect(engine.layout.parameters.map(({ name }) => name).sort()).toEqual(trained.sort());
      const targets = pairs.map((_, row) => Number(row === 0));
      const before = engine.state.weights.slice();
      const rates = { learningRate: 1e-3, headLearningRate: 1e-3, weightDecay: 0, ...ADAM, epsilon: 1e-8 };
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        losses.push(await stepOn(engine, pairs, targets, updateScalars(step, 1, rates)));
      }
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      for (const { name, offset, size } of engine.layout.parameters) {
        const moved = engine.state.weights.subarray(offset, offset + size).some((x, i) => x !== before[offset + i]);
        expect(moved, name).toBe(true);
      }
      await engine.close();
    });

    if (steps) {
      it("changes its weights over clipped AdamW steps like PyTorch, within 1 %", async () => {
        const [base, after] = [await open(), await openBaseModel(await steps.after(), 5)];
        const changeOf = (name: string) =>
          after.weights.get(name)!.data.map((value, i) => value - base.weights.get(name)!.data[i]!);
        const taken = await stepsLikePyTorch(base, pairs, steps, changeOf);
        expect(taken.losses).toEqual(near(steps.losses));
        expect(taken.error).toBeLessThan(0.01);
      });
    }

    it("is written into a folder that opens again with the same weights", async () => {
      const written = await temporary();
      await writeUntrained(dir, written, null);
      const [before, after] = [await openBaseModel(dir, 1), await openBaseModel(written, 1)];
      expect(weightsDigest(after.weights)).toBe(weightsDigest(before.weights));
      expect(after.hasHead).toBe(true);
      expect(after.network).toMatchObject({
        fingerprint: before.network.fingerprint,
        vocabulary: before.network.vocabulary,
        positions: before.network.positions,
      });
    });
  });
}
