import { createHash } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readModel } from "../../../onnx/read.ts";
import { writeModel } from "../../../onnx/write.ts";
import { TrainingEngine } from "../../../training/loop/engine.ts";
import { temporary } from "../../../training/testing/colourFixture.ts";
import { openCrossEncoder } from "../../crossEncoder.ts";
import { type HostTensor, readSafetensors, writeSafetensors } from "../../safetensors.ts";
import { tinyWeights, writeTinyModel } from "../../testing/tinyModel.ts";
import { openTokenizer } from "../../tokenizer.ts";
import { writeUntrained } from "../../untrained.ts";
import { openBaseModel, openEmbedder } from "../index.ts";
import { type ArchitectureName, embedderFolder, rerankerFolder } from "./testing/architectures.ts";

const HEAD = ["pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias"];

it("a fresh head has its own learning rate; a head from the base learns at the body's", async () => {
  const embedder = await temporary();
  await writeTinyModel(embedder);
  const fresh = await openBaseModel(embedder, 1);
  expect(HEAD.map(fresh.network.isHead)).toEqual([true, true, true, true]);
  expect(fresh.network.isHead("matching.scale")).toBe(true);
  expect(fresh.network.isHead("encoder.layer.1.output.dense.weight")).toBe(false);

  const [bert, winnow] = [await temporary(), await temporary()];
  await writeTinyModel(bert);
  const weights = tinyWeights(1);
  for (const name of HEAD) weights.set(name, fresh.weights.get(name)!);
  await writeSafetensors(join(bert, "model.safetensors"), weights);
  await writeUntrained(embedder, winnow, null);
  for (const folder of [bert, winnow]) {
    const { hasHead, network } = await openBaseModel(folder, 1);
    expect(hasHead).toBe(true);
    expect([...HEAD, "matching.scale"].filter(network.isHead)).toEqual([]);
  }
});

it("a BERT with Winnow's head is written in the same bytes as before other architectures shared its builder", async () => {
  const folder = await temporary();
  await writeTinyModel(folder);
  const { network, weights } = await openBaseModel(folder, 1);
  const digest = createHash("sha256")
    .update(writeModel(network.toModel(weights)))
    .digest("hex");
  expect(digest).toBe("378315409994b6e9f3b4ee71e94816d1b8f6e91508259f7ab8c933572ffd1a05");
});

describe.each(["distilbert", "roberta"] as const)("an encoder without segments (%s)", (name) => {
  it("gets a fresh head that tells question and passage apart by the separator, in training and serving", async () => {
    const [base, out] = [embedderFolder(name), await temporary()];
    await writeUntrained(base, out, null);
    const question = "what is a pod";
    const passages = ["create a job with a file", "what is a pod", "delete the red service"];
    const reranker = await openCrossEncoder(out, { threads: 1 });
    const logits = await reranker.score(question, passages);
    await reranker.close();
    expect(new Set(logits).size).toBe(3);
    const { inputs } = readModel(await readFile(join(out, "onnx", "model.onnx")), "").graph;
    expect(inputs.map(({ name }) => name)).toEqual(["input_ids", "attention_mask"]);

    const adam = { beta1: 0.9, beta2: 0.999, maxNorm: 1 };
    const engine = await TrainingEngine.open(await openBaseModel(base, 7), {
      ...{ loss: "listwise", dropout: 0, threads: 1 },
      ...adam,
    });
    const tokenizer = await openTokenizer(base);
    const started = await engine.score(passages.map((passage) => tokenizer.encodePair(question, passage, 32)));
    await engine.close();
    expect(Array.from(started)).toEqual(logits.map((logit) => expect.closeTo(logit, 4)));
    expect((await openBaseModel(out, 1)).network.config("base")).toMatchObject({
      architectures: [name === "roberta" ? "RobertaForSequenceClassification" : "DistilBertForSequenceClassification"],
      winnow: { pooling: "mean", matching: true, apart: 1 },
    });
  });
});

it("a fresh head reads as many layers apart as the base's config states, by default all but the last", async () => {
  const base = await temporary();
  await writeTinyModel(base);
  const file = join(base, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  const opened = async (winnow: object) => {
    await writeFile(file, JSON.stringify({ ...config, winnow }));
    return (await openBaseModel(base, 1)).network;
  };
  expect((await opened({})).fingerprint).toContain("1 layers apart");
  expect((await opened({ apart: 2 })).fingerprint).toContain("2 layers apart");
  expect(await opened({ apart: 0 })).toMatchObject({ fingerprint: "mean, matching", apart: null });
  for (const apart of [3, -1, 0.5, "1"])
    await expect(opened({ apart })).rejects.toMatchObject({
      code: "BadModel",
      message: `${file}: winnow.apart must be a whole number of at most 2 layers, got ${JSON.stringify(apart)}`,
    });
});

it("a BERT whose tokenizer has no segments gets the same fresh head", async () => {
  const [base, plain, undivided] = [await temporary(), await temporary(), await temporary()];
  await writeTinyModel(base);
  await writeUntrained(base, plain, null);
  const file = join(base, "tokenizer.json");
  const parts = (...ids: string[]) =>
    ids.map((id) => (/^[AB]$/.test(id) ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } }));
  const post_processor = {
    type: "TemplateProcessing",
    single: parts("[CLS]", "A", "[SEP]"),
    pair: parts("[CLS]", "A", "[SEP]", "B", "[SEP]"),
    special_tokens: { "[CLS]": { id: "[CLS]", ids: [2], tokens: [] }, "[SEP]": { id: "[SEP]", ids: [3], tokens: [] } },
  };
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), post_processor }));
  await writeUntrained(base, undivided, null);
  const scores: number[][] = [];
  for (const folder of [plain, undivided]) {
    const reranker = await openCrossEncoder(folder, { threads: 1 });
    scores.push(await reranker.score("what is a pod", ["the pod runs a job", "create a node", "what is a pod"]));
    await reranker.close();
  }
  expect(scores[1]).toEqual(scores[0]!.map((logit) => expect.closeTo(logit, 4)));
  expect((await openBaseModel(undivided, 1)).network.fingerprint).toBe("mean, matching, 1 layers apart");
});

describe("a RoBERTa", () => {
  it("has as many positions as its table has after the padding token's", async () => {
    expect((await openBaseModel(rerankerFolder("roberta"), 1)).network.positions).toBe(40);
    const folder = await changedConfig("roberta", { max_position_embeddings: 2 });
    await expect(openBaseModel(folder, 1)).rejects.toMatchObject({
      code: "BadModel",
      message: /max_position_embeddings must exceed pad_token_id \+ 1/,
    });
  });
});

describe("a classifier that cannot rank is refused", () => {
  const refused = async (folder: string, message: RegExp) =>
    expect(openBaseModel(folder, 1)).rejects.toMatchObject({ code: "BadModel", message });

  it.each<ArchitectureName>(["bert", "distilbert", "xlm-roberta"])("with several labels: %s", async (name) => {
    const folder = await changedWeights(name, (weights) => {
      for (const [tensor, { dims, data }] of weights) {
        if (!/^classifier(\.out_proj)?\.(weight|bias)$/.test(tensor)) continue;
        weights.set(tensor, { dims: [3, ...dims.slice(1)], data: Float32Array.from([...data, ...data, ...data]) });
      }
    });
    await refused(folder, /model\.safetensors: its classifier has 3 labels; a reranker has one/);
  });

  it("if config.json announces it and the weights lack it", async () => {
    const folder = await changedWeights("roberta", (weights) => {
      for (const tensor of weights.keys()) if (tensor.startsWith("classifier.")) weights.delete(tensor);
    });
    await refused(folder, /config\.json announces a RobertaForSequenceClassification, but the weights have no classif/);
  });

  it("or to embed", async () => {
    await expect(openEmbedder(rerankerFolder("distilbert"))).rejects.toThrow("holds a reranker, expected an embedder");
  });
});

async function changedConfig(name: ArchitectureName, changes: Record<string, unknown>): Promise<string> {
  const folder = await temporary();
  await cp(rerankerFolder(name), folder, { recursive: true });
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), ...changes }));
  return folder;
}

async function changedWeights(
  name: ArchitectureName,
  change: (weights: Map<string, HostTensor>) => void,
): Promise<string> {
  const folder = await temporary();
  await cp(rerankerFolder(name), folder, { recursive: true });
  const file = join(folder, "model.safetensors");
  const weights = await readSafetensors(file);
  change(weights);
  await writeSafetensors(file, weights);
  return folder;
}
