import type { VectorServer } from "../../../base/compute.ts";
import { WinnowError } from "../../../base/errors.ts";
import { objectId, type Weaviate } from "../../engines/weaviate.ts";
import { collectionName } from "../../engines/weaviateIndex.ts";
import { text } from "./shards.ts";

const FIELDS = ["one", "two"] as const;
const TOKEN = "probe";
/** A term in both fields scores 11/8 of one in a single field if frequencies are added, and twice as much if scores are. */
const MOST = 1.7;

/**
 * Checks that a server's BM25 finds all it should. Weaviate's default algorithm, block-max WAND, loses results: 1.35.2
 * writes the bounds of its blocks with `k1` and `b` exchanged (memtable_flush_inverted.go), and skips what is above
 * them. Its other algorithm, WAND, is exact. Their scores differ for a term in two fields, so one object identifies the
 * algorithm.
 *
 * Throws `VectorServerRefused` that names the server's setting, `VectorServerUnavailable` if the server does not find the
 * object, and errors of the server.
 */
export async function requireExactBm25(server: VectorServer, client: Weaviate): Promise<void> {
  const name = collectionName(server, "probe");
  if ((await client.find(name)) === null) await createProbe(client, name);
  const single = (await scoreIn(client, name, ["one"])) || (await writeProbe(client, name));
  if (single === 0)
    throw new WinnowError("VectorServerUnavailable", `${client.url}: collection ${name} holds no probe yet`);
  if ((await scoreIn(client, name, FIELDS)) / single < MOST) return;
  throw new WinnowError(
    "VectorServerRefused",
    `${client.url} searches text by block-max WAND, which loses passages: start Weaviate with USE_BLOCKMAX_WAND=false`,
  );
}

/**
 * Writes the object and returns its score in a single field. A process that ended after it created the collection, or a
 * server that crashed, leaves the collection empty.
 */
async function writeProbe(client: Weaviate, name: string): Promise<number> {
  await client.write(name, [{ id: objectId(0), properties: { one: TOKEN, two: TOKEN } }]);
  return scoreIn(client, name, ["one"]);
}

async function createProbe(client: Weaviate, name: string): Promise<void> {
  await client.create({
    class: name,
    description: "Winnow checks by this object how the server searches text.",
    vectorizer: "none",
    vectorIndexType: "hnsw",
    vectorIndexConfig: { skip: true },
    replicationConfig: { factor: 1 },
    invertedIndexConfig: { bm25: { k1: 1.2, b: 0 }, stopwords: { preset: "none" } },
    properties: FIELDS.map((field) => ({ ...text(field), tokenization: "whitespace", indexSearchable: true })),
  });
}

async function scoreIn(client: Weaviate, name: string, fields: readonly string[]): Promise<number> {
  const search = `bm25: { query: "${TOKEN}", properties: ${JSON.stringify(fields)} }, limit: 1`;
  type Hit = { _additional: { score: string } };
  const query = `{ Get { ${name}(${search}) { _additional { score } } } }`;
  const { Get } = await client.graphql<{ Get: Record<string, Hit[]> }>(query);
  return Number(Get[name]![0]?._additional.score ?? 0);
}
