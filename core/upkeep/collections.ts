import { readIndexMeta } from "../artifacts/searchIndex.ts";
import type { VectorServer } from "../base/compute.ts";
import { Weaviate } from "../retrieval/engines/weaviate.ts";
import { collectionName, noteOf } from "../retrieval/engines/weaviateIndex.ts";

/**
 * Names of the collections that Winnow created under this home's prefix at least `graceHours` ago and that no remaining
 * index needs. Throws `CorruptArtifact` when a remaining index cannot be read, because its collections are then
 * unknown.
 *
 * @param staying folders of the build-index artifacts that stay.
 */
export async function doomedCollections(
  server: VectorServer,
  staying: string[],
  graceHours: number,
): Promise<string[]> {
  const metas = await Promise.all(staying.map(readIndexMeta));
  const needed = new Set(metas.flatMap(({ collection }) => (collection ? [collectionName(server, collection)] : [])));
  const old = Date.now() - graceHours * 3600_000;
  const collections = (await Promise.all(clientsOf(server).map((client) => client.list()))).flat();
  const doomed = collections.flatMap((collection) => {
    const note = noteOf(collection);
    const ours = note !== null && collection.class.startsWith(collectionName(server, ""));
    return ours && Date.parse(note.created) <= old && !needed.has(digestName(collection.class))
      ? [collection.class]
      : [];
  });
  return [...new Set(doomed)].sort();
}

/** Deletes a collection with all its objects on every server; a missing collection is not an error. */
export async function dropCollection(server: VectorServer, name: string): Promise<void> {
  await Promise.all(clientsOf(server).map((client) => client.drop(name)));
}

function clientsOf(server: VectorServer): Weaviate[] {
  return (server.corpus?.urls ?? [server.url]).map((url) => new Weaviate({ ...server, url }));
}

/** The name without shard and part, which collections of `WINNOW_SEARCH` have after the digest. */
function digestName(name: string): string {
  return name.split("_").slice(0, 2).join("_");
}
