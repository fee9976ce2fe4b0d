import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { InstalledModel } from "../../../contracts/models.ts";
import { openInstalledModels } from "../installed.ts";
import { readSafetensors, writeSafetensors } from "../safetensors.ts";
import { writeTinyModel } from "../testing/tinyModel.ts";
import { folderFiles } from "./fromFolder.ts";
import { Installing, NAME } from "./testing/installing.ts";

const given = new Installing();

const storedFiles = (model: Pick<InstalledModel, "artifact">) =>
  readdirSync(join(given.home, "artifacts", "model", model.artifact.sha256), { recursive: true }).sort();

describe("a model in a folder", () => {
  test("is stored with what Winnow reads of it, opened once, and recorded with what it is", async () => {
    for (const path of ["pytorch_model.bin", "modeling.py", "model.gguf"]) writeFileSync(given.at(path), "x");
    writeFileSync(given.at("README.md"), "---\nlicense: mit\n---\n# Small\n");
    const { read: _, ...model } = await given.install({
      options: { maxTokens: 40, prefixes: { question: "query: ", passage: "" } },
    });
    expect(model).toMatchObject({
      ...{ name: NAME, kind: "embedder", family: "bert", dimensions: 32, maxTokens: 40, pooling: "mean" },
      ...{ prefixes: { question: "query: ", passage: "" }, licence: "mit", source: { from: "folder" } },
    });
    expect(model.parameters).toBe(
      [...(await readSafetensors(given.at("model.safetensors"))).values()].reduce(
        (sum, { data }) => sum + data.length,
        0,
      ),
    );
    expect(storedFiles(model)).toEqual(
      [
        ...["README.md", "config.json", "manifest.json", "model.safetensors", "special_tokens_map.json"],
        ...["tokenizer.json", "tokenizer_config.json", "vocab.txt", "winnow_options.json"],
      ].sort(),
    );
    expect(await openInstalledModels(given.storage.records).list()).toEqual([model]);
    expect(await given.storage.store.resolve(model.artifact)).toMatch(model.artifact.sha256);
  });

  test("is the same artifact again from another place, and two installs at once leave one", async () => {
    const copy = mkdtempSync(join(tmpdir(), "winnow-copy-"));
    await writeTinyModel(copy);
    const [first, second] = await Promise.all([given.install(), given.install({ files: await folderFiles(copy) })]);
    expect(second.artifact).toEqual(first.artifact);
    expect(readdirSync(join(given.home, "artifacts", "model"))).toEqual([first.artifact.sha256]);
    expect(await openInstalledModels(given.storage.records).list()).toHaveLength(1);
    rmSync(copy, { recursive: true });
  });

  test("of a hub's cache is read through its links to blobs, and of a link elsewhere nothing is", async () => {
    const cache = mkdtempSync(join(tmpdir(), "winnow-cache-"));
    const snapshot = join(cache, "models--org--small", "snapshots", "1110a24");
    const blobs = join(cache, "models--org--small", "blobs");
    for (const each of [snapshot, blobs]) mkdirSync(each, { recursive: true });
    for (const name of readdirSync(given.folder)) {
      renameSync(given.at(name), join(blobs, name));
      symlinkSync(join("..", "..", "blobs", name), join(snapshot, name));
    }
    expect((await given.install({ files: await folderFiles(snapshot) })).family).toBe("bert");
    rmSync(join(snapshot, "README.md"), { force: true });
    writeFileSync(join(cache, "secret"), "a secret");
    symlinkSync(join(cache, "secret"), join(snapshot, "README.md"));
    await expect(folderFiles(snapshot)).rejects.toThrow(/README\.md is a link that leads out of the folder/);
    rmSync(cache, { recursive: true });
  });
});

/** A tensor's first value becomes another. */
async function poison(name: string, value: number): Promise<void> {
  const weights = await readSafetensors(given.at("model.safetensors"));
  weights.get(name)!.data[0] = value;
  await writeSafetensors(given.at("model.safetensors"), weights);
}

const header = (length: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return bytes;
};

const LIES: [string, () => unknown, RegExp][] = [
  [
    "the config of another model",
    () => given.edit("config.json", { hidden_size: 64 }),
    /tensor .* config\.json expects \[.*64\]/,
  ],
  ["a config that is no JSON", () => writeFileSync(given.at("config.json"), "{"), /config\.json cannot be read/],
  [
    "code that comes with it",
    () => given.edit("config.json", { auto_map: { AutoModel: "x.Y" } }),
    /auto_map names code/,
  ],
  [
    "several labels",
    () => given.edit("config.json", { architectures: ["BertForSequenceClassification"], num_labels: 3 }),
    /3 labels cannot rank/,
  ],
  [
    "an unknown architecture",
    () => given.edit("config.json", { model_type: "mamba" }),
    /config\.json: expected .*got "mamba"/,
  ],
  [
    "a tokenizer with more words than its table",
    () => addWords(50),
    /tokenizer\.json: its ids go up to 89, but the model has 40 words; it is another model's/,
  ],
  [
    "a tokenizer of 65 MB",
    () => truncateSync(given.at("tokenizer.json"), 65_000_000),
    /tokenizer\.json has 65 MB, more than the 64 MB/,
  ],
  ["no tokenizer", () => rmSync(given.at("tokenizer.json")), /tokenizer\.json/],
  [
    "a weight that is no number",
    () => poison("embeddings.LayerNorm.weight", Number.NaN),
    /model\.safetensors: tensor embeddings\.LayerNorm\.weight holds values that are no finite numbers/,
  ],
  [
    "an infinite weight",
    () => poison("encoder.layer.1.output.dense.bias", Number.POSITIVE_INFINITY),
    /no finite numbers/,
  ],
  [
    "truncated weights",
    () => truncateSync(given.at("model.safetensors"), statSync(given.at("model.safetensors")).size - 4),
    /lies outside the file .* truncated/,
  ],
  [
    "a header of 10 GB",
    () => writeFileSync(given.at("model.safetensors"), Buffer.concat([header(10_000_000_000n), Buffer.alloc(99)])),
    /its header would have 10000000000 of 107 bytes/,
  ],
  [
    "a header that is no JSON",
    () => writeFileSync(given.at("model.safetensors"), Buffer.concat([header(4n), Buffer.from("null")])),
    /no safetensors header/,
  ],
  [
    "empty weights",
    () => writeFileSync(given.at("model.safetensors"), ""),
    /is not a safetensors file, or is truncated/,
  ],
  [
    "weights that are a pointer",
    () => writeFileSync(given.at("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    /pointer of Git LFS instead of the file: run `git lfs pull`/,
  ],
  [
    "pickled weights alone",
    () => renameSync(given.at("model.safetensors"), given.at("pytorch_model.bin")),
    /pytorch_model\.bin is a pickle, which can run code/,
  ],
  ["tensors in another file", () => external("model.onnx_data"), /holds tensors outside the ONNX file/],
  ["an export whose tensors lead out of the folder", () => external(null), /\.\.\/\.\.\/secret|external|another file/],
  ["a pipe for its config", () => pipe("config.json"), /config\.json is a pipe \(FIFO\), not a file/],
  [
    "a folder for its config",
    () => {
      rmSync(given.at("config.json"));
      mkdirSync(given.at("config.json"));
    },
    /config\.json/,
  ],
];

function addWords(count: number): void {
  const tokenizer = given.json("tokenizer.json");
  for (let i = 0; i < count; i++) tokenizer.model.vocab[`word${i}`] = 40 + i;
  writeFileSync(given.at("tokenizer.json"), JSON.stringify(tokenizer));
}

/** An ONNX file with one initializer whose values lie elsewhere: TensorProto.external_data and data_location. */
function external(beside: string | null): void {
  renameSync(given.at("model.safetensors"), given.at("model.old"));
  mkdirSync(given.at("onnx"));
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const entry = Buffer.concat([field(1, Buffer.from("location")), field(2, Buffer.from(beside ?? "../../secret"))]);
  const tensor = Buffer.concat([
    Buffer.from([0x08, 2, 0x10, 1]),
    field(8, Buffer.from("w")),
    field(13, entry),
    Buffer.from([0x70, 1]),
  ]);
  const graph = field(5, tensor);
  writeFileSync(given.at("onnx/model.onnx"), Buffer.concat([Buffer.from([0x08, 8]), field(7, graph)]));
  if (beside !== null) writeFileSync(given.at(`onnx/${beside}`), Buffer.alloc(8));
}

function pipe(path: string): void {
  rmSync(given.at(path));
  execFileSync("mkfifo", [given.at(path)]);
}

describe("a folder that lies is refused, and leaves nothing behind:", () => {
  test.each(LIES)("%s", async (_title, damage, message) => {
    await damage();
    await expect(given.install()).rejects.toMatchObject({ message: expect.stringMatching(message) });
    given.expectNothing();
  });

  test("an encoder that is to be a reranker has no head", async () => {
    await expect(given.install({ options: { kind: "reranker" } })).rejects.toThrow(
      /org\/small is not installed: the weights have no trained head/,
    );
    given.expectNothing();
  });
});
