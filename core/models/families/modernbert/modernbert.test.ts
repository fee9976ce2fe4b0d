import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TrainingEngine } from "../../../training/loop/engine.ts";
import { updateScalars } from "../../../training/loop/schedule.ts";
import { stepOn } from "../../../training/testing/pytorchSteps.ts";
import { openTokenizer } from "../../tokenizer.ts";
import { openBaseModel, openEmbedder } from "../index.ts";
import { lookAt } from "../modelFolder.ts";
import { modernBertConfig } from "./config.ts";
import { fixtureFolder, reference, type Summary } from "./testing/fixtures.ts";

const { question, passages, rate, decay, clip } = reference;

/** A copy of a fixture with JSON files changed. */
async function changed(name: string, changes: Record<string, (content: Record<string, unknown>) => unknown>) {
  const folder = await mkdtemp(join(tmpdir(), "winnow-modernbert-"));
  await cp(fixtureFolder(name), folder, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const content = JSON.parse(await readFile(join(folder, file), "utf8"));
    await writeFile(join(folder, file), JSON.stringify(change(content)));
  }
  return folder;
}

function summary(values: Float32Array): Summary {
  const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return [norm, ...[0, 1, 2, 3].map((i) => values[Math.floor((i * (values.length - 1)) / 3)]!)];
}

describe("a ModernBERT embedder compared with sentence-transformers", () => {
  it.each(["cls", "mean"] as const)("gives its vectors within 1e-4 with %s pooling", async (pooling) => {
    const folder = await changed("embedder", {
      "1_Pooling/config.json": (kept) => ({ ...kept, pooling_mode: pooling }),
    });
    const embedder = await openEmbedder(folder, { threads: 1 });
    const found = await embedder.embed({ questions: [], passages: [...passages, question] });
    const expected = reference.embedder.vectors[pooling].flat();
    expect(found).toHaveLength(expected.length);
    found.forEach((x, i) => {
      expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-4);
    });
    await embedder.close();
  });

  it("reads texts and pairs as its own tokenizer does", async () => {
    for (const name of ["embedder", "classifier", "modular"]) {
      const tokenizer = await openTokenizer(fixtureFolder(name));
      const texts = [...passages, question].map((text) => tokenizer.encode(text, 64).ids);
      expect(texts, name).toEqual(reference.texts);
      expect(passages.map((passage) => tokenizer.encodePair(question, passage, 64).ids)).toEqual(reference.pairs);
    }
  });
});

describe.each(Object.entries(reference.rerankers))("a %s ModernBERT compared with PyTorch", (name, expected) => {
  it("has its losses and changes over ten clipped AdamW steps, within 1 %", async () => {
    const base = await openBaseModel(fixtureFolder(name), 1);
    const adam = { beta1: 0.9, beta2: 0.999 };
    const engine = await TrainingEngine.open(base, { loss: "binary", dropout: 0, threads: 1, maxNorm: clip, ...adam });
    const rows = reference.pairs.map((ids) => ({ ids }));
    const before = engine.state.weights.slice();
    const settings = { learningRate: rate, headLearningRate: rate, weightDecay: decay, ...adam, epsilon: 1e-8 };
    for (const [step, loss] of expected.losses.entries()) {
      expect(await stepOn(engine, rows, reference.targets, updateScalars(step, 1, settings))).toBeCloseTo(loss, 4);
    }
    expect(engine.layout.parameters.map((parameter) => parameter.name).sort()).toEqual(
      Object.keys(expected.changes).sort(),
    );
    for (const { name: tensor, offset, size } of engine.layout.parameters) {
      const change = engine.state.weights.subarray(offset, offset + size).map((x, i) => x - before[offset + i]!);
      const [norm, ...values] = expected.changes[tensor]!;
      const [foundNorm, ...found] = summary(change);
      expect(Math.abs(foundNorm! - norm!) / norm!, tensor).toBeLessThan(0.01);
      for (const [i, value] of found.entries()) expect(Math.abs(value - values[i]!) / norm!, tensor).toBeLessThan(0.01);
    }
    await engine.close();
  });
});

describe("a ModernBERT's config.json", () => {
  const read = async (change: (kept: Record<string, unknown>) => unknown, name = "modular") =>
    modernBertConfig(await lookAt(await changed(name, { "config.json": change })));

  it("may spell its layers and rotary positions in the old form or the new", async () => {
    const [old, now] = [await read((kept) => kept), await read((kept) => kept, "classifier")];
    const [global, local] = [
      { reach: null, theta: 160_000 },
      { reach: 4, theta: 10_000 },
    ];
    expect(old.layers).toEqual([global, local, global, local]);
    expect(now.layers).toEqual([global, local, local, global]);
    const same = await read((kept) => ({ ...kept, local_rope_theta: null }));
    expect(same.layers[1]).toEqual({ reach: 4, theta: 160_000 });
  });

  it.each([
    ["hidden_activation", "silu", 'only hidden_activation "gelu" is supported'],
    ["rope_scaling", { rope_type: "yarn" }, "scaled rotary positions are not supported"],
    ["layer_types", ["full_attention"], "layer_types has 1 entries for 4 layers"],
    ["num_hidden_layers", 0, "num_hidden_layers must be a positive whole number"],
    ["num_attention_heads", 3, "hidden_size must be a multiple of twice num_attention_heads"],
  ])("is refused for its %s", async (key, value, message) => {
    await expect(read((kept) => ({ ...kept, [key]: value }))).rejects.toMatchObject({
      code: "BadModel",
      message: expect.stringMatching(`config.json: .*${message}`),
    });
  });
});

describe("a modular reranker", () => {
  const opening = async (break_: (folder: string) => Promise<unknown>) => {
    const folder = await changed("modular", {});
    await break_(folder);
    return openBaseModel(folder, 1);
  };

  it.each(["2_Dense/model.safetensors", "3_LayerNorm/model.safetensors", "4_Dense/model.safetensors"])(
    "is refused without %s, naming it",
    async (file) => {
      await expect(opening((folder) => rm(join(folder, file)))).rejects.toMatchObject({
        code: "BadModel",
        message: expect.stringContaining(file),
      });
    },
  );

  it("is refused without its head, whose encoder alone would keep the order it is given", async () => {
    const folder = await changed("modular", { "modules.json": (rows) => (rows as unknown as object[]).slice(0, 2) });
    await expect(openBaseModel(folder, 1)).rejects.toMatchObject({ code: "BadModel", message: /modules\.json.*head/ });
  });

  it("is refused if a module's weights do not fit it", async () => {
    const folder = await changed("modular", { "2_Dense/config.json": (kept) => ({ ...kept, out_features: 8 }) });
    await expect(openBaseModel(folder, 1)).rejects.toMatchObject({ code: "BadModel", message: /2_Dense/ });
    const other = await changed("modular", {
      "2_Dense/config.json": (kept) => ({ ...kept, activation_function: "torch.nn.modules.activation.SiLU" }),
    });
    await expect(openBaseModel(other, 1)).rejects.toThrow("activation_function torch.nn.modules.activation.SiLU");
  });
});

describe("a ModernBERT encoder without a head", () => {
  it("gets token matches and a fresh classifier, so that training can start from it", async () => {
    const { name, hasHead, network, weights } = await openBaseModel(fixtureFolder("embedder"), 1);
    expect(name).toContain("encoder with a fresh head");
    expect(hasHead).toBe(false);
    expect([...weights.keys()].filter(network.isHead)).toEqual([
      "pooler.dense.weight",
      "pooler.dense.bias",
      "classifier.weight",
      "classifier.bias",
      "matching.scale",
      "matching.importance.weight",
      "matching.rarity.weight",
    ]);
  });
});
