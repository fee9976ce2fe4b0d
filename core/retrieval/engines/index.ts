import type { IndexBackend, IndexKind, IndexMeta } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext, WorkContext } from "../../base/progress.ts";
import { recallAgainstExact } from "../recall.ts";
import type { IndexPlace, SearchEngine } from "./engine.ts";
import { exactEngine } from "./exact.ts";
import { faissEngine } from "./faiss.ts";
import { weaviateEngine } from "./weaviateIndex.ts";

/**
 * All search engines, in order of preference. To add one, write its file, add a row here, and run `engineSuite` on it.
 */
export const ENGINES: readonly SearchEngine[] = [weaviateEngine, faissEngine, exactEngine];

/** Largest corpus that is searched exactly; larger ones use HNSW. */
const EXACT_UP_TO = 50_000;

export interface Choice {
  engine: SearchEngine;
  /** Why a preferred engine is not used; null if the first choice is usable. */
  fallback: string | null;
}

/** The kind of index that a corpus gets. */
export function kindFor(count: number): IndexKind {
  return count > EXACT_UP_TO ? "hnsw" : "flat";
}

/** The engine for a new index: the first that is wanted and usable here. */
export function engineToBuild(server: VectorServer | null): Promise<Choice> {
  return firstUsable(ENGINES.filter((engine) => engine.wanted(server)));
}

/** The engine that searches an index: the first that opens it and is usable here. Throws CorruptArtifact. */
export async function engineToOpen(backend: IndexBackend): Promise<SearchEngine> {
  return (await firstUsable(ENGINES.filter(({ opens }) => opens.includes(engineOf(backend).backend)))).engine;
}

/** The engine that built an index. Throws CorruptArtifact for an unknown name. */
export function engineOf(backend: IndexBackend): SearchEngine {
  const engine = ENGINES.find((row) => row.backend === backend);
  if (engine) return engine;
  const known = ENGINES.map((row) => row.backend).join(", ");
  throw new WinnowError("CorruptArtifact", `an index was built by the engine "${backend}"; known engines: ${known}`);
}

/**
 * Builds the vector index of a corpus and measures its recall against exact search. The caller writes the artifact's
 * `meta.json`. Throws `Cancelled`, `VectorServerUnavailable`, `VectorServerRefused`.
 */
export async function buildVectorIndex(
  folder: string,
  vectors: Vectors,
  ctx: WorkContext,
): Promise<IndexMeta & Pick<Choice, "fallback">> {
  const server = ctx.compute.vectors ?? null;
  const { engine, fallback } = await engineToBuild(server);
  return { ...(await buildWith(engine, { folder, server }, kindFor(vectors.count), vectors, ctx)), fallback };
}

/** Builds as {@link buildVectorIndex}, with a given engine and kind. */
export async function buildWith(
  engine: SearchEngine,
  place: IndexPlace,
  kind: IndexKind,
  vectors: Vectors,
  ctx: TaskContext,
): Promise<IndexMeta> {
  const { count, dim, modelDigest } = vectors;
  const built = await engine.build(place, kind, vectors, ctx);
  const { recallAt100, collection } = built;
  const facts = { kind: built.kind, backend: engine.backend, recallAt100: recallAt100 ?? 0, count, dim, modelDigest };
  const meta: IndexMeta = collection === undefined ? facts : { ...facts, collection };
  if (recallAt100 !== undefined) return meta;
  const index = await engine.open(place, meta, vectors);
  const measured = await recallAgainstExact(index, vectors);
  index.close();
  return { ...meta, recallAt100: measured };
}

async function firstUsable(engines: readonly SearchEngine[]): Promise<Choice> {
  let fallback: string | null = null;
  for (const engine of engines) {
    const problem = await engine.problem();
    if (problem === null) return { engine, fallback };
    fallback = problem;
  }
  throw new WinnowError("BadInput", `no search engine can be used here: ${fallback}`);
}
