import { WinnowError } from "../../../base/errors.ts";
import type { StoredPassage } from "../../../docs/windows.ts";
import { type Counted, countIn, countOf, objectId, partOf, rowOf, type Weaviate } from "../../engines/weaviate.ts";
import { decodeFacts, type PassageFacts } from "./postings.ts";
import { requireCount } from "./shards.ts";

/** Most objects that a query returns, by the server's own default. */
const MOST = 10_000;

/** A collection to ask, with the number of objects it must hold. */
export interface Asked {
  client: Weaviate;
  name: string;
  count: number;
  signal: AbortSignal;
}

/** A window found by its vector. */
export interface WindowHit {
  position: number;
  window: number;
  score: number;
}

interface Extra {
  _additional: { id: string; distance?: number };
}

/** Windows nearest to a vector, best first. */
export async function nearestWindows(asked: Asked, vector: Float32Array, limit: number): Promise<WindowHit[]> {
  const near = `nearVector: { vector: [${vector.join(",")}] }, limit: ${limit}`;
  const hits = await get<Extra>(asked, near, "_additional { id distance }");
  return hits.map(({ _additional: { id, distance } }) => ({
    position: rowOf(id),
    window: partOf(id),
    score: -distance!,
  }));
}

/** Passages with the highest scores of the server's BM25, best first, with what our scores need. */
export async function passagesWithTerms(
  asked: Asked,
  tokens: readonly string[],
  limit: number,
): Promise<[position: number, facts: PassageFacts][]> {
  const search = `bm25: { query: ${quoted(tokens.join(" "))}, properties: ["tokens"] }, limit: ${limit}`;
  return factsIn(await get<FactsHit>(asked, search, FACTS));
}

/** What scoring needs of passages at known positions. Throws `CorruptArtifact` if one is not there. */
export async function factsAt(asked: Asked, positions: readonly number[]): Promise<[number, PassageFacts][]> {
  return factsIn(await at<FactsHit>(asked, positions, FACTS));
}

/** Passages at known positions. Throws `CorruptArtifact` if one is not there. */
export async function passagesAt(asked: Asked, positions: readonly number[]): Promise<[number, StoredPassage][]> {
  return passagesIn(await at<PassageHit>(asked, positions, "passage _additional { id }"));
}

/** Passages with one of the values in a field. Throws `BadInput` if there are more than a query returns. */
export async function passagesWhere(
  asked: Asked,
  field: "key" | "page" | "statingTitle" | "statingPage",
  values: readonly string[],
): Promise<[number, StoredPassage][]> {
  const where = `where: { path: [${quoted(field)}], operator: ContainsAny, valueText: [${values.map(quoted).join(",")}] }`;
  const hits = await get<PassageHit>(asked, `${where}, limit: ${MOST}`, "passage _additional { id }");
  if (hits.length < MOST) return passagesIn(hits);
  throw new WinnowError(
    "BadInput",
    `${values.length} values of ${field} have more than ${MOST} passages in ${asked.name}`,
  );
}

const FACTS = "postings windows _additional { id }";

interface FactsHit extends Extra {
  postings: string;
  windows: string;
}

interface PassageHit extends Extra {
  passage: string;
}

/** Objects of a collection. The same query counts them all, so that a server that lost some cannot go unseen. */
async function get<T>({ client, name, count, signal }: Asked, search: string, fields: string): Promise<T[]> {
  const query = `{ Get { ${name}(${search}) { ${fields} } } ${countOf(name)} }`;
  const data = await client.graphql<Counted & { Get: Record<string, T[]> }>(query, signal);
  requireCount(name, countIn(data, name), count);
  return data.Get[name]!;
}

async function at<T extends Extra>(asked: Asked, positions: readonly number[], fields: string): Promise<T[]> {
  const ids = positions.map((position) => quoted(objectId(position)));
  const where = `where: { path: ["id"], operator: ContainsAny, valueText: [${ids.join(",")}] }`;
  const hits = await get<T>(asked, `${where}, limit: ${ids.length}`, fields);
  const found = new Set(hits.map(({ _additional: { id } }) => rowOf(id)));
  requireCount(asked.name, positions.filter((position) => found.has(position)).length, positions.length);
  return hits;
}

function factsIn(hits: readonly FactsHit[]): [number, PassageFacts][] {
  return hits.map(({ postings, windows, _additional: { id } }) => [rowOf(id), decodeFacts(postings, windows)]);
}

function passagesIn(hits: readonly PassageHit[]): [number, StoredPassage][] {
  return hits.map(({ passage, _additional: { id } }) => [rowOf(id), JSON.parse(passage) as StoredPassage]);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
