import { readIndexMeta } from "../artifacts/searchIndex.ts";
import type { VectorServer } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import { Weaviate } from "../retrieval/engines/weaviate.ts";
import { collectionName, noteOf } from "../retrieval/engines/weaviateIndex.ts";

/** Collections to remove, from the servers that could be asked. */
export interface DoomedCollections {
  names: string[];
  /** Why each other server could not be asked, by its address. Its collections stay until it is back. */
  unavailable: Unavailable;
}

export type Unavailable = Map<string, string>;

/**
 * The collections that Winnow created under this home's prefix at least `graceHours` ago and that no remaining index
 * needs. Throws `CorruptArtifact` when a remaining index cannot be read, because its collections are then unknown.
 *
 * @param staying folders of the build-index artifacts that stay.
 */
export async function doomedCollections(
  server: VectorServer,
  staying: string[],
  graceHours: number,
): Promise<DoomedCollections> {
  const metas = await Promise.all(staying.map(readIndexMeta));
  const needed = new Set(metas.flatMap(({ collection }) => (collection ? [collectionName(server, collection)] : [])));
  const old = Date.now() - graceHours * 3600_000;
  const unavailable: Unavailable = new Map();
  const collections = (await onEach(server, unavailable, (client) => client.list())).flat();
  const doomed = collections.flatMap((collection) => {
    const note = noteOf(collection);
    const ours = note !== null && collection.class.startsWith(collectionName(server, ""));
    return ours && Date.parse(note.created) <= old && !needed.has(digestName(collection.class))
      ? [collection.class]
      : [];
  });
  return { names: [...new Set(doomed)].sort(), unavailable };
}

/**
 * Deletes a collection with all its objects on every server; a missing collection is not an error.
 *
 * @param unavailable servers that are not asked; one that turns out to be unavailable is added.
 */
export async function dropCollection(
  server: VectorServer,
  name: string,
  unavailable: Unavailable = new Map(),
): Promise<void> {
  await onEach(server, unavailable, (client) => client.drop(name));
}

/** Results of the servers that are available, once all have replied. Throws if one fails otherwise. */
async function onEach<T>(
  server: VectorServer,
  unavailable: Unavailable,
  work: (client: Weaviate) => Promise<T>,
): Promise<T[]> {
  const clients = clientsOf(server).filter(({ url }) => !unavailable.has(url));
  const settled = await Promise.allSettled(clients.map(work));
  return settled.flatMap((result, at) => {
    if (result.status === "fulfilled") return [result.value];
    const error: unknown = result.reason;
    if (!(error instanceof WinnowError) || error.code !== "VectorServerUnavailable") throw error;
    unavailable.set(clients[at]!.url, error.message);
    return [];
  });
}

function clientsOf(server: VectorServer): Weaviate[] {
  return (server.corpus?.urls ?? [server.url]).map((url) => new Weaviate({ ...server, url }));
}

/** The name without shard and part, which collections of `WINNOW_SEARCH` have after the digest. */
function digestName(name: string): string {
  return name.split("_").slice(0, 2).join("_");
}
