import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openVectors } from "../../core/artifacts/vectors.ts";
import { quietContext } from "../../core/base/progress.ts";
import { buildFaissFile, loadFaiss } from "../../core/retrieval/engines/faiss.ts";
import { openService } from "../../core/stages/services.ts";
import { randomVectors, writeEmbedDir } from "../../core/stages/testing/embedFixture.ts";
import { openStore } from "../../core/storage/store.ts";

const tasks = new URL("./realParts.ts", import.meta.url).href;
const [COUNT, DIM] = [500, 16];
let root: string;
let embedDir: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "winnow-native-"));
  embedDir = await writeEmbedDir(join(root, "embed"), randomVectors(COUNT, DIM), DIM);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A published build-index artifact whose file was changed before its digest was computed. */
async function indexFolder(change: (file: Buffer) => void): Promise<string> {
  const addon = await loadFaiss();
  if (!("faiss" in addon)) throw new Error(`no FAISS here: ${addon.reason}`);
  const store = openStore(root);
  const draft = await store.draft("build-index");
  const path = join(draft, "index.faiss");
  await buildFaissFile(addon.faiss, "hnsw", await openVectors([embedDir]), path, quietContext());
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
  const meta = { kind: "hnsw", backend: "faiss", count: COUNT, dim: DIM, modelDigest: "d".repeat(64) };
  writeFileSync(join(draft, "meta.json"), JSON.stringify(meta));
  return store.resolve(await store.commit(draft, "build-index"));
}

// biome-ignore lint/suspicious/noExplicitAny: the tests' own services
const openIndex = (folder: string): Promise<any> =>
  openService("index" as never, { embedDir, folder } as never, { tasks });
const query = randomVectors(1, DIM, 5);

/**
 * Sets the entry point of the search to a node far outside the file. It precedes the breadths of building and search.
 */
function farEntryPoint(file: Buffer): void {
  const breadths = Buffer.alloc(8);
  breadths.writeInt32LE(120, 0);
  breadths.writeInt32LE(256, 4);
  file.writeInt32LE(0x40000000, file.indexOf(breadths) - 8);
}

test("an HNSW index malformed under a valid digest: its process dies with a typed error, this one lives, and a sound index answers", async () => {
  const bad = await openIndex(await indexFolder(farEntryPoint));
  await expect(bad.request("search", query)).rejects.toMatchObject({
    code: "ComputeCrashed",
    message: expect.stringMatching(/index process was killed by SIG(SEGV|BUS|ABRT)/),
  });
  expect(bad.alive()).toBe(false);
  const sound = await openIndex(await indexFolder(() => {}));
  expect(await sound.request("search", query)).toHaveLength(5);
  await sound.close();
});

test("an index truncated in the middle of its numbers, under a valid digest, is refused by name on opening", async () => {
  const folder = await indexFolder((file) => void file.fill(0, 37));
  await expect(openIndex(folder)).rejects.toMatchObject({
    code: expect.stringMatching(/^(CorruptArtifact|ComputeCrashed)$/),
    message: expect.stringMatching(/index/),
  });
});
