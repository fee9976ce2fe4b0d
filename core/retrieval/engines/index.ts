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

/** All search engines, the preferred first. To add one, write its file and a row here, and run `engineSuite` for it. */
export const ENGINES: readonly SearchEngine[] = [weaviateEngine, faissEngine, exactEngine];

/** Largest corpus searched exactly; past it the index is HNSW. */
const EXACT_UP_TO = 50_000;

export interface Choice {
  engine: SearchEngine;
  /** Why an engine before it is not used; null where the first that is wanted computes. */
  fallback: string | null;
}

/** The engine to build with: the first that is wanted and computes here. */
export function engineToBuild(server: VectorServer | null): Promise<Choice> {
  return firstUsable(ENGINES.filter((engine) => engine.wanted(server)));
}

/** The engine to search an index with: the first that opens it and computes here. Throws CorruptArtifact. */
export async function engineToOpen(backend: IndexBackend): Promise<SearchEngine> {
  return (await firstUsable(ENGINES.filter(({ opens }) => opens.includes(engineOf(backend).backend)))).engine;
}

/** The engine that built an index. Throws CorruptArtifact where no engine has that name. */
export function engineOf(backend: IndexBackend): SearchEngine {
  const engine = ENGINES.find((row) => row.backend === backend);
  if (engine) return engine;
  const known = ENGINES.map((row) => row.backend).join(", ");
  throw new WinnowError("CorruptArtifact", `an index was built by the engine "${backend}"; known are ${known}`);
}

/**
 * Builds the vector index of a corpus and measures its recall against exact search. The artifact's `meta.json` is for
 * the caller to write. Throws `Cancelled`, `VectorServerUnavailable`, `VectorServerRefused`.
 */
export async function buildVectorIndex(
  folder: string,
  vectors: Vectors,
  ctx: WorkContext,
): Promise<IndexMeta & Pick<Choice, "fallback">> {
  const server = ctx.compute.vectors ?? null;
  const { engine, fallback } = await engineToBuild(server);
  const kind = vectors.count > EXACT_UP_TO ? "hnsw" : "flat";
  return { ...(await buildWith(engine, { folder, server }, kind, vectors, ctx)), fallback };
}

/** As {@link buildVectorIndex}, with an engine and a kind of the caller's choice. */
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
