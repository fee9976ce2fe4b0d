import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "./store.ts";

const home = () => mkdtempSync(join(tmpdir(), "winnow-store-"));

async function published(root: string, content = "passage one\n") {
  const store = openStore(root);
  const draft = await store.draft("ingest");
  await mkdir(join(draft, "onnx"));
  writeFileSync(join(draft, "passages.jsonl"), content);
  writeFileSync(join(draft, "onnx", "model.onnx"), Buffer.alloc(4096, 7));
  return { store, ref: await store.commit(draft, "ingest") };
}

test("a committed artifact is found whole by its reference, with its size", async () => {
  const { store, ref } = await published(home());
  const folder = await store.resolve(ref);
  expect(readFileSync(join(folder, "passages.jsonl"), "utf8")).toBe("passage one\n");
  expect(ref.bytes).toBeGreaterThan(4096);
  expect(await store.list("ingest")).toEqual([ref]);
});

test("the same content has the same reference and leaves no draft behind", async () => {
  const root = home();
  const first = await published(root);
  const second = await published(root);
  expect(second.ref).toEqual(first.ref);
  expect(readdirSync(join(root, "artifacts", "ingest"))).toEqual([first.ref.sha256]);
});

test.each([0, 1, 2048, 4095])("a file truncated to %i bytes is rejected by name and digest", async (bytes) => {
  const { store, ref } = await published(home());
  const file = join(await store.resolve(ref), "onnx", "model.onnx");
  truncateSync(file, bytes);
  await expect(store.resolve(ref)).rejects.toMatchObject({
    code: "CorruptArtifact",
    message: expect.stringMatching(/model\.onnx.*SHA-256 [0-9a-f]{64}/),
  });
});

test("any flipped bit is rejected, in the manifest too", async () => {
  const root = home();
  const { store, ref } = await published(root);
  const folder = await store.resolve(ref);
  for (let trial = 0; trial < 200; trial++) {
    const file = join(folder, trial % 4 === 0 ? "manifest.json" : "onnx/model.onnx");
    const sound = readFileSync(file);
    const bad = Buffer.from(sound);
    const at = (trial * 7919) % bad.length;
    bad.writeUInt8(bad.readUInt8(at) ^ (1 << (trial % 8)), at);
    writeFileSync(file, bad);
    await expect(openStore(root).resolve(ref)).rejects.toMatchObject({ code: "CorruptArtifact" });
    writeFileSync(file, sound);
  }
  await openStore(root).resolve(ref);
});

test("a missing file is rejected by name", async () => {
  const { store, ref } = await published(home());
  unlinkSync(join(await store.resolve(ref), "passages.jsonl"));
  await expect(store.resolve(ref)).rejects.toThrow(/passages\.jsonl is missing/);
});

test("publishing again repairs a damaged artifact", async () => {
  const root = home();
  const { store, ref } = await published(root);
  truncateSync(join(await store.resolve(ref), "passages.jsonl"), 3);
  await published(root);
  expect(existsSync(join(await store.resolve(ref), "passages.jsonl"))).toBe(true);
});

test("a crash before the rename publishes nothing, and one after it everything", async () => {
  for (const [name, expected] of [
    ["store.before-manifest", 0],
    ["store.before-rename", 0],
    ["store.after-rename", 1],
  ] as const) {
    const store = openStore(home(), (at) => {
      if (at === name) throw new Error("crash");
    });
    const draft = await store.draft("train");
    writeFileSync(join(draft, "training.json"), "{}");
    await expect(store.commit(draft, "train")).rejects.toThrow("crash");
    expect(await store.list("train")).toHaveLength(expected);
    expect(existsSync(draft)).toBe(false);
  }
});

test("a disk error is reported, and the draft is removed", async () => {
  const store = openStore(home(), () => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC", path: "/data/x" });
  });
  const draft = await store.draft("train");
  await expect(store.commit(draft, "train")).rejects.toMatchObject({
    code: "StorageFailed",
    message: expect.stringContaining("the disk is full"),
  });
  expect(existsSync(draft)).toBe(false);
});

test("references that point elsewhere are rejected", async () => {
  const { store, ref } = await published(home());
  for (const uri of ["winnow:../../etc", `winnow:ingest/${"0".repeat(64)}`, "file:///etc/passwd"])
    await expect(store.resolve({ ...ref, uri })).rejects.toMatchObject({ code: "CorruptArtifact" });
});

test("old drafts are swept, and young ones stay", async () => {
  const store = openStore(home());
  await store.draft("embed");
  expect(await store.sweep(60_000)).toBe(0);
  expect(await store.sweep(-1)).toBe(1);
});

test("the folder can move, because references contain no path", async () => {
  const root = home();
  const { ref } = await published(root);
  await rename(root, `${root}-moved`);
  await openStore(`${root}-moved`).resolve(ref);
});
