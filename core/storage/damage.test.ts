import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateFolder } from "../upkeep/testing/homeFixture.ts";
import { chosenRelease } from "./releaseFolders.ts";

async function twoCorpora() {
  const state = stateFolder();
  const [sample, other] = [await state.release(1, "sample"), await state.release(2, "other")];
  await state.promote(sample);
  await state.promote(other);
  const file = join(state.home, "champions", "sample", "000001.json");
  const entry = JSON.parse(readFileSync(file, "utf8"));
  return { ...state, sample, other, file, entry };
}

describe("a damaged entry of a ledger is named with its file and stops its corpus alone", () => {
  test.each<[string, (entry: object) => unknown]>([
    ["empty", () => ""],
    ["null", () => "null"],
    ["a number", () => "7"],
    ["an array", () => "[]"],
    ["half a file", (entry) => JSON.stringify(entry).slice(0, 40)],
    ["an object without release", () => ({ at: "9999" })],
    ["no valid time", (entry) => ({ ...entry, at: "soon" })],
    ["a release that is no text", (entry) => ({ ...entry, release: { toString: null } })],
    ["another release than its artifact", (entry) => ({ ...entry, release: "000000000000" })],
    ["a reference to another stage", (entry) => ({ ...entry, ref: { uri: "winnow:train/x", sha256: "x", bytes: 1 } })],
    ["another corpus", (entry) => ({ ...entry, corpus: "other" })],
    ["an unknown kind", (entry) => ({ ...entry, kind: "theft" })],
    ["a replaced release that is an object", (entry) => ({ ...entry, replaced: {} })],
    ["no reason", (entry) => ({ ...entry, reason: undefined })],
    [
      "a __proto__",
      (entry) => JSON.stringify(entry).replace("{", '{"__proto__":{"release":"x"},').replace("sample", "x"),
    ],
  ])("%s", async (_, damage) => {
    const { releases, file, entry, other } = await twoCorpora();
    const damaged = damage(entry);
    writeFileSync(file, typeof damaged === "string" ? damaged : JSON.stringify(damaged));
    const named = { code: "CorruptArtifact", message: expect.stringContaining(file) };
    await expect(releases.champion("sample")).rejects.toMatchObject(named);
    await expect(releases.ledger("sample")).rejects.toMatchObject(named);
    await expect(chosenRelease(releases, { corpus: "sample" })).rejects.toMatchObject(named);
    // Which release was promoted last is unknown.
    await expect(releases.champion()).rejects.toMatchObject({ message: expect.stringContaining("other") });
    expect((await releases.champion("other"))?.release).toBe(other.id);
    expect((await releases.ledger()).map(({ corpus }) => corpus)).toEqual(["other"]);
    const listed = await releases.list();
    expect(listed.map(({ corpus, champion }) => [corpus, champion])).toEqual([
      ["other", true],
      ["sample", false],
    ]);
    expect(listed[1]!.reason).toContain(file);
  });

  test("an entry and its artifact that belong to another corpus", async () => {
    const { releases, file, entry, other } = await twoCorpora();
    writeFileSync(file, JSON.stringify({ ...entry, release: other.id, ref: other.ref }));
    await expect(chosenRelease(releases, { corpus: "sample" })).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: expect.stringContaining(`names release ${other.id} of corpus other`),
    });
  });

  test("a lost entry: later promotions take the next number", async () => {
    const { home, releases, sample, release } = await twoCorpora();
    const second = await release(3, "sample");
    await releases.promote(second, { expected: sample.id, by: "test", reason: "better" });
    rmSync(join(home, "champions", "sample", "000001.json"));
    const third = await release(4, "sample");
    await releases.promote(third, { expected: second.id, by: "test", reason: "better" });
    expect(readdirSync(join(home, "champions", "sample"))).toEqual(["000002.json", "000003.json"]);
  });
});

test.each([
  "",
  ".",
  "..",
  "../champions/sample",
  "Sample",
  "a/b",
  "a\\b",
  "a\0b",
  "\u001b[2J",
  "a".repeat(64),
  "é",
  "__proto__",
  "-x",
  " x",
])("%j is no name of a corpus, at any door of the ledger", async (corpus) => {
  const { releases } = stateFolder();
  const refused = { code: "BadInput", message: expect.stringMatching(/^corpus: ".*" is no name of a corpus/) };
  await expect(releases.champion(corpus)).rejects.toMatchObject(refused);
  await expect(releases.ledger(corpus)).rejects.toMatchObject(refused);
  await expect(chosenRelease(releases, { corpus })).rejects.toMatchObject(refused);
});

/** Plants a folder whose name is the digest of its manifest, as an attacker with access to the home could. */
function plant(home: string, stage: string, manifest: string, files: Record<string, string> = {}): string {
  const digest = createHash("sha256").update(manifest).digest("hex");
  const folder = join(home, "artifacts", stage, digest);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), manifest);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return digest;
}
const listed = (path: string, text: string) => ({
  path,
  bytes: text.length,
  sha256: createHash("sha256").update(text).digest("hex"),
});

describe("an artifact with a digest that is right", () => {
  test.each([
    "",
    "null",
    "[]",
    "{}",
    '{"files":{}}',
    '{"files":[null]}',
    '{"files":[{"path":"a"}]}',
    ...["../../../etc/hostname", "/etc/hostname", "a//b", "./a", "a/../../b", "a\\b", "a\0b", ""].map((path) =>
      JSON.stringify({ schema: 1, stage: "train", files: [listed(path, "x")] }),
    ),
  ])("and a manifest such as %j is refused, and hides no other artifact", async (manifest) => {
    const { home, store, sample } = await twoCorpora();
    const sha256 = plant(home, "deploy", manifest);
    const ref = { uri: `winnow:deploy/${sha256}`, sha256, bytes: 0 };
    await expect(store.resolve(ref)).rejects.toMatchObject({ code: "CorruptArtifact" });
    expect((await store.list("deploy")).map((found) => found.sha256)).toContain(sample.ref.sha256);
  });

  test.each(["null", "{}", "7", '{"schema":1,"corpus":"../x"}', "{"])(
    "and a release.json %j is refused",
    async (text) => {
      const { home, releases } = await twoCorpora();
      const manifest = JSON.stringify({ schema: 1, stage: "deploy", files: [listed("release.json", text)] });
      const sha256 = plant(home, "deploy", manifest, { "release.json": text });
      await expect(releases.read(sha256)).rejects.toMatchObject({
        code: "CorruptArtifact",
        message: expect.stringContaining("release.json"),
      });
      expect(await releases.list()).toHaveLength(3);
    },
  );

  test("and a planted model beside its files is refused by name; notes are not", async () => {
    const { home, store, sample } = await twoCorpora();
    const folder = join(home, "artifacts", "evaluate", sample.manifest.evaluate.sha256);
    writeFileSync(join(folder, "notes.txt"), "mine");
    await store.resolve(sample.manifest.evaluate);
    mkdirSync(join(folder, "reranker", "onnx"), { recursive: true });
    const planted = join(folder, "reranker", "onnx", "model.onnx");
    writeFileSync(planted, "x");
    await expect(store.resolve(sample.manifest.evaluate)).rejects.toMatchObject({
      code: "CorruptArtifact",
      message: `${planted} is not part of the artifact in this folder: delete it`,
    });
  });
});
