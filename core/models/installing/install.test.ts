import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { create, Header } from "tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InstalledModel } from "../../../contracts/models.ts";
import { quietContext } from "../../base/progress.ts";
import { openStorage, type Storage } from "../../storage/openStorage.ts";
import { describeRepository, parseRepository } from "../hub/repository.ts";
import { FakeHub, times } from "../hub/testing/fakeHub.ts";
import { openInstalledModels } from "../installed.ts";
import { readSafetensors, writeSafetensors } from "../safetensors.ts";
import { writeTinyModel } from "../testing/tinyModel.ts";
import { unpackModel } from "./fromArchive.ts";
import { folderFiles } from "./fromFolder.ts";
import { withHubFiles } from "./fromHub.ts";
import { type GivenModel, installModel, type ReadModel } from "./install.ts";
import { tryModel } from "./tryModel.ts";

const NAME = "org/small";
const ctx = quietContext();
let folder: string;
let home: string;
let storage: Storage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "winnow-given-"));
  home = mkdtempSync(join(tmpdir(), "winnow-home-"));
  storage = await openStorage(home, null);
  await writeTinyModel(folder);
});

afterEach(() => {
  for (const each of [folder, home]) rmSync(each, { recursive: true, force: true });
});

const at = (path: string) => join(folder, path);
const json = (path: string) => JSON.parse(readFileSync(at(path), "utf8"));
const edit = (path: string, changes: object) => writeFileSync(at(path), JSON.stringify({ ...json(path), ...changes }));
const work = { ...ctx, tryModel: (modelDir: string) => tryModel({ modelDir }, ctx) };

async function installed(given: Partial<GivenModel> = {}): Promise<ReadModel> {
  const files = given.files ?? (await folderFiles(folder));
  return installModel(storage, { name: NAME, source: { from: "folder" }, options: {}, ...given, files }, work);
}

const storedFiles = (model: Pick<InstalledModel, "artifact">) =>
  readdirSync(join(home, "artifacts", "model", model.artifact.sha256), { recursive: true }).sort();

function expectNothing(): void {
  const stored = join(home, "artifacts", "model");
  expect(existsSync(stored) ? readdirSync(stored) : []).toEqual([]);
  expect(existsSync(join(home, "models"))).toBe(false);
}

describe("a model in a folder", () => {
  test("is stored with what Winnow reads of it, opened once, and recorded with what it is", async () => {
    for (const path of ["pytorch_model.bin", "modeling.py", "model.gguf"]) writeFileSync(at(path), "x");
    writeFileSync(at("README.md"), "---\nlicense: mit\n---\n# Small\n");
    const { read: _, ...model } = await installed({
      options: { maxTokens: 40, prefixes: { question: "query: ", passage: "" } },
    });
    expect(model).toMatchObject({
      ...{ name: NAME, kind: "embedder", family: "bert", dimensions: 32, maxTokens: 40, pooling: "mean" },
      ...{ prefixes: { question: "query: ", passage: "" }, licence: "mit", source: { from: "folder" } },
    });
    expect(model.parameters).toBe(
      [...(await readSafetensors(at("model.safetensors"))).values()].reduce((sum, { data }) => sum + data.length, 0),
    );
    expect(storedFiles(model)).toEqual(
      [
        ...["README.md", "config.json", "manifest.json", "model.safetensors", "special_tokens_map.json"],
        ...["tokenizer.json", "tokenizer_config.json", "vocab.txt", "winnow_options.json"],
      ].sort(),
    );
    expect(await openInstalledModels(storage.records).list()).toEqual([model]);
    expect(await storage.store.resolve(model.artifact)).toMatch(model.artifact.sha256);
  });

  test("is the same artifact again from another place, and two installs at once leave one", async () => {
    const copy = mkdtempSync(join(tmpdir(), "winnow-copy-"));
    await writeTinyModel(copy);
    const [first, second] = await Promise.all([installed(), installed({ files: await folderFiles(copy) })]);
    expect(second.artifact).toEqual(first.artifact);
    expect(readdirSync(join(home, "artifacts", "model"))).toEqual([first.artifact.sha256]);
    expect(await openInstalledModels(storage.records).list()).toHaveLength(1);
    rmSync(copy, { recursive: true });
  });

  test("of a hub's cache is read through its links to blobs, and of a link elsewhere nothing is", async () => {
    const cache = mkdtempSync(join(tmpdir(), "winnow-cache-"));
    const snapshot = join(cache, "models--org--small", "snapshots", "1110a24");
    const blobs = join(cache, "models--org--small", "blobs");
    for (const each of [snapshot, blobs]) mkdirSync(each, { recursive: true });
    for (const name of readdirSync(folder)) {
      renameSync(at(name), join(blobs, name));
      symlinkSync(join("..", "..", "blobs", name), join(snapshot, name));
    }
    expect((await installed({ files: await folderFiles(snapshot) })).family).toBe("bert");
    rmSync(join(snapshot, "README.md"), { force: true });
    writeFileSync(join(cache, "secret"), "a secret");
    symlinkSync(join(cache, "secret"), join(snapshot, "README.md"));
    await expect(folderFiles(snapshot)).rejects.toThrow(/README\.md is a link that leads out of the folder/);
    rmSync(cache, { recursive: true });
  });
});

/** A tensor's first value becomes another. */
async function poison(name: string, value: number): Promise<void> {
  const weights = await readSafetensors(at("model.safetensors"));
  weights.get(name)!.data[0] = value;
  await writeSafetensors(at("model.safetensors"), weights);
}

const header = (length: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return bytes;
};

const LIES: [string, () => unknown, RegExp][] = [
  [
    "the config of another model",
    () => edit("config.json", { hidden_size: 64 }),
    /tensor .* config\.json expects \[.*64\]/,
  ],
  ["a config that is no JSON", () => writeFileSync(at("config.json"), "{"), /config\.json cannot be read/],
  ["code that comes with it", () => edit("config.json", { auto_map: { AutoModel: "x.Y" } }), /auto_map names code/],
  [
    "several labels",
    () => edit("config.json", { architectures: ["BertForSequenceClassification"], num_labels: 3 }),
    /3 labels cannot rank/,
  ],
  [
    "an unknown architecture",
    () => edit("config.json", { model_type: "mamba" }),
    /config\.json: expected .*got "mamba"/,
  ],
  [
    "a tokenizer with more words than its table",
    () => addWords(50),
    /tokenizer\.json: it has ids up to 89, but config\.json states a vocab_size of 40/,
  ],
  [
    "a tokenizer of 65 MB",
    () => truncateSync(at("tokenizer.json"), 65_000_000),
    /tokenizer\.json has 65 MB, more than the 64 MB/,
  ],
  ["no tokenizer", () => rmSync(at("tokenizer.json")), /tokenizer\.json/],
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
    () => truncateSync(at("model.safetensors"), statSync(at("model.safetensors")).size - 4),
    /lies outside the file .* truncated/,
  ],
  [
    "a header of 10 GB",
    () => writeFileSync(at("model.safetensors"), Buffer.concat([header(10_000_000_000n), Buffer.alloc(99)])),
    /its header would have 10000000000 of 107 bytes/,
  ],
  [
    "a header that is no JSON",
    () => writeFileSync(at("model.safetensors"), Buffer.concat([header(4n), Buffer.from("null")])),
    /no safetensors header/,
  ],
  ["empty weights", () => writeFileSync(at("model.safetensors"), ""), /is not a safetensors file, or is truncated/],
  [
    "weights that are a pointer",
    () => writeFileSync(at("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    /pointer of Git LFS instead of the file: run `git lfs pull`/,
  ],
  [
    "pickled weights alone",
    () => renameSync(at("model.safetensors"), at("pytorch_model.bin")),
    /pytorch_model\.bin is a pickle, which can run code/,
  ],
  ["tensors in another file", () => external("model.onnx_data"), /holds tensors outside the ONNX file/],
  ["an export whose tensors lead out of the folder", () => external(null), /\.\.\/\.\.\/secret|external|another file/],
  ["a pipe for its config", () => pipe("config.json"), /config\.json is a pipe \(FIFO\), not a file/],
  [
    "a folder for its config",
    () => {
      rmSync(at("config.json"));
      mkdirSync(at("config.json"));
    },
    /config\.json/,
  ],
];

function addWords(count: number): void {
  const tokenizer = json("tokenizer.json");
  for (let i = 0; i < count; i++) tokenizer.model.vocab[`word${i}`] = 40 + i;
  writeFileSync(at("tokenizer.json"), JSON.stringify(tokenizer));
}

/** An ONNX file with one initializer whose values lie elsewhere: TensorProto.external_data and data_location. */
function external(beside: string | null): void {
  renameSync(at("model.safetensors"), at("model.old"));
  mkdirSync(at("onnx"));
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
  writeFileSync(at("onnx/model.onnx"), Buffer.concat([Buffer.from([0x08, 8]), field(7, graph)]));
  if (beside !== null) writeFileSync(at(`onnx/${beside}`), Buffer.alloc(8));
}

function pipe(path: string): void {
  rmSync(at(path));
  execFileSync("mkfifo", [at(path)]);
}

describe("a folder that lies is refused, and leaves nothing behind:", () => {
  test.each(LIES)("%s", async (_title, damage, message) => {
    await damage();
    await expect(installed()).rejects.toMatchObject({ message: expect.stringMatching(message) });
    expectNothing();
  });

  test("an encoder that is to be a reranker has no head", async () => {
    await expect(installed({ options: { kind: "reranker" } })).rejects.toThrow(
      /org\/small is not installed: the weights have no trained head/,
    );
    expectNothing();
  });
});

/** A `.tar.gz` with one entry that a careful archiver would not write. */
function tarWith(
  entry: { path: string; type?: "File" | "SymbolicLink"; linkpath?: string },
  body = Buffer.from("{}"),
): string {
  const block = Buffer.alloc(512);
  const head = new Header({
    size: entry.type === "SymbolicLink" ? 0 : body.length,
    type: "File",
    mode: 0o644,
    ...entry,
  });
  head.encode(block);
  const padded = Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
  const file = join(home, "given.tar.gz");
  writeFileSync(
    file,
    gzipSync(Buffer.concat([block, ...(entry.type === "SymbolicLink" ? [] : [padded]), Buffer.alloc(1024)])),
  );
  return file;
}

describe("a model in an archive", () => {
  const into = () => mkdtempSync(join(home, "unpacked-"));

  test("is found below the archive's top folder, and installed as from a folder", async () => {
    const archive = join(home, "small.tar.gz");
    writeFileSync(at("pytorch_model.bin"), "x");
    await create({ gzip: true, file: archive, cwd: join(folder, "..") }, [folder.split("/").at(-1)!]);
    const unpacked = await unpackModel(archive, into());
    expect(existsSync(join(unpacked, "pytorch_model.bin"))).toBe(false);
    const model = await installed({ files: await folderFiles(unpacked), source: { from: "archive" } });
    expect(model.artifact).toEqual((await installed()).artifact);
  });

  test("with entries that lead elsewhere, twice the same, or too large is refused unpacked", async () => {
    const cases: [Parameters<typeof tarWith>, RegExp][] = [
      [[{ path: "../config.json" }], /entry "\.\.\/config\.json" leads out of the archive/],
      [[{ path: "/etc/config.json" }], /is not a relative path/],
      [
        [{ path: "m/config.json", type: "SymbolicLink", linkpath: "/etc/passwd" }],
        /is a SymbolicLink; only files and folders/,
      ],
      [
        [{ path: "m/config.json" }, Buffer.alloc(3_000_000, 0x20)],
        /has 3000000 bytes, more than the 2000000 that are read/,
      ],
    ];
    for (const [given, message] of cases) {
      const target = into();
      await expect(unpackModel(tarWith(...given), target), given[0].path).rejects.toThrow(message);
      expect(readdirSync(target)).toEqual([]);
    }
    expect(existsSync(join(home, "config.json"))).toBe(false);
  });

  test("that is damaged, no archive, or of no model or several is refused in words", async () => {
    const sound = tarWith({ path: "m/config.json" });
    const bytes = readFileSync(sound);
    writeFileSync(sound, bytes.subarray(0, bytes.length - 12));
    await expect(unpackModel(sound, into())).rejects.toThrow(/is not a valid \.tar\.gz/);
    writeFileSync(sound, "no archive");
    await expect(unpackModel(sound, into())).rejects.toThrow(/is not a valid \.tar\.gz/);
    await expect(unpackModel(tarWith({ path: "m/x.txt" }), into())).rejects.toThrow(/holds no config\.json of a model/);
    for (const name of ["a", "b"]) {
      mkdirSync(join(home, "two", name), { recursive: true });
      writeFileSync(join(home, "two", name, "config.json"), "{}");
    }
    await create({ gzip: true, file: sound, cwd: home }, ["two"]);
    await expect(unpackModel(sound, into())).rejects.toThrow(/holds several models: two\/a, two\/b/);
  });
});

describe("a model of the hub", () => {
  let hub: FakeHub;

  beforeEach(async () => {
    hub = await new FakeHub().start();
    const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(at(name))]));
    hub.repositories[NAME] = {
      files: { ...files, "pytorch_model.bin": Buffer.from("x"), "onnx/model.onnx": Buffer.from("y") },
    };
  });

  afterEach(() => hub.stop());

  async function fromHub(): Promise<ReadModel> {
    const call = hub.call({ tries: 1 });
    const repository = await describeRepository(call, parseRepository(NAME));
    const source = { from: "hub" as const, repository: NAME, revision: repository.commit };
    return withHubFiles(call, repository, home, ctx, (files) => installed({ files, source }));
  }

  test("is fetched without pickles, and without the export of what a family builds itself", async () => {
    const model = await fromHub();
    expect(model.source).toEqual({ from: "hub", repository: NAME, revision: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(model.artifact).toEqual((await installed()).artifact);
    const fetched = hub
      .lines()
      .filter((line) => line.includes("/resolve/"))
      .map((line) => line.split("/").at(-1));
    expect(fetched.sort()).toEqual(readdirSync(folder).sort());
    expect(readdirSync(join(home, "downloads"))).toEqual([]);
  });

  test("whose download is interrupted is continued by the next command", async () => {
    hub.faults.storage.push(
      times(1, (_request, response, body) => {
        response.writeHead(200, { "content-length": body.length });
        response.write(body.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 20));
        return true;
      }),
    );
    await expect(fromHub()).rejects.toMatchObject({ code: "HubUnavailable" });
    expect(existsSync(join(home, "models"))).toBe(false);
    expect(readdirSync(join(home, "downloads"))).toHaveLength(1);
    await fromHub();
    expect(hub.seen.flatMap(({ headers }) => headers.range ?? []).at(-1)).toBe("bytes=20000-");
  });

  test("is fetched by one command at a time; the other one says so", async () => {
    const results = await Promise.allSettled([fromHub(), fromHub()]);
    const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    for (const error of failed)
      expect(error).toMatchObject({
        code: "Busy",
        message: expect.stringMatching(/another download of org\/small runs already, by process/),
      });
    expect(failed.length).toBeLessThan(2);
    expect(await openInstalledModels(storage.records).list()).toHaveLength(1);
  });

  test("without weights that Winnow reads is refused before anything is fetched", async () => {
    const { "model.safetensors": _, "onnx/model.onnx": __, ...rest } = hub.repositories[NAME]!.files;
    hub.repositories[NAME] = { files: rest };
    await expect(fromHub()).rejects.toThrow(/org\/small is not installed: pytorch_model\.bin is a pickle/);
    expect(hub.lines().filter((line) => line.includes("/resolve/"))).toEqual([]);
    expectNothing();
  });
});
