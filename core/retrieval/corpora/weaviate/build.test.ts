import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openVectors, type Vectors } from "../../../artifacts/vectors.ts";
import { quietContext } from "../../../base/progress.ts";
import { noteOf } from "../../engines/weaviateIndex.ts";
import { somePassages, writeCorpus } from "../testing/corpusSuite.ts";
import { type HeldCollection, WeaviateStandIn } from "../testing/weaviateStandIn.ts";
import { buildWeaviateCorpus } from "./build.ts";

const home = mkdtempSync(join(tmpdir(), "winnow-filling-"));
let ingestDir: string;
let vectors: Vectors;
let server: WeaviateStandIn;

beforeAll(async () => {
  const written = await writeCorpus(home, somePassages(20));
  ingestDir = written.ingestDir;
  vectors = await openVectors(written.embedDirs);
});
beforeEach(async () => {
  server = await WeaviateStandIn.start();
  return () => server.stop();
});
afterAll(() => rmSync(home, { recursive: true }));

const build = () =>
  buildWeaviateCorpus(server.settings(), "flat", ingestDir, vectors, join(home, "index"), quietContext());

const shards = () =>
  [...server.collections].filter(([name]) => !name.endsWith("probe")).map(([, collection]) => collection);
const createdOf = ({ schema }: HeldCollection) => noteOf(schema)!.created;

it("keeps a shard that is whole, and gives it gc's grace time from then on", async () => {
  await build();
  const long = "2020-01-01T00:00:00.000Z";
  for (const { schema } of shards()) schema.description = JSON.stringify({ ...noteOf(schema), created: long });
  const objects = shards().map((collection) => collection.objects);
  const start = Date.now();
  await build();
  expect(shards().map((collection) => collection.objects)).toEqual(objects);
  for (const collection of shards()) {
    expect(noteOf(collection.schema)!.complete).toBe(true);
    expect(Date.parse(createdOf(collection))).toBeGreaterThanOrEqual(start);
  }
});

it("asks for a retry when another build empties or removes the shard meanwhile; the retry succeeds", async () => {
  const meddle = (work: (name: string, collection: HeldCollection) => void) => {
    let writes = 0;
    server.onRequest = (_, path) => {
      // The last of the batches: windows and passages, each written twice, after the probe's object.
      if (path === "/v1/batch/objects") writes++;
      else if (writes === 5) for (const [name, collection] of server.collections) work(name, collection);
    };
  };
  const contested = {
    code: "VectorServerUnavailable",
    message: expect.stringMatching(/is another worker filling it too\?/),
  };
  meddle((_, { objects }) => objects.clear());
  await expect(build()).rejects.toMatchObject(contested);
  meddle((name) => server.collections.delete(name));
  await expect(build()).rejects.toMatchObject(contested);
  server.onRequest = () => {};
  await build();
  expect(shards().map(({ schema }) => noteOf(schema)!.complete)).toEqual([true, true]);
});
