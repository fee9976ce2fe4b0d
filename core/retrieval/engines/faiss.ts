import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Index } from "faiss-node";
import type { IndexKind } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { type Neighbours, TopK } from "../topK.ts";
import type { SearchEngine } from "./engine.ts";
import { checkIndexFile, INDEX_FILE, setHnswBreadth } from "./faissFile.ts";
import type { VectorIndex } from "./vectorIndex.ts";

type Faiss = typeof import("faiss-node");

const BLOCK_ROWS = 2048;
const INNER_PRODUCT = 0;
const HNSW_FACTORY = "HNSW32";
const EF_CONSTRUCTION = 120;
const EF_SEARCH = 256;

/** The native addon. */
export const faissEngine: SearchEngine = {
  backend: "faiss",
  opens: ["faiss", "exact"],
  wanted: () => true,
  async problem() {
    const addon = await loadFaiss();
    return "faiss" in addon ? null : addon.reason;
  },
  async build({ folder }, kind, vectors, ctx) {
    await buildFaissFile(await requireFaiss(), kind, vectors, join(folder, INDEX_FILE), ctx);
    return { kind };
  },
  async open({ folder }, { kind }, { count, dim }) {
    return openFaissFile(await requireFaiss(), kind, join(folder, INDEX_FILE), count, dim);
  },
  async verify() {},
};

/** The addon, or why it cannot be loaded. Loaded at most once per process. */
export const loadFaiss = once(async (): Promise<{ faiss: Faiss } | { reason: string }> => {
  try {
    const module = (await import("faiss-node")) as Faiss & { default?: Faiss };
    return { faiss: module.default ?? module };
  } catch (error) {
    // The loader's further lines list every path that it tried.
    const [reason = ""] = messageOf(error).split("\n", 1);
    return { reason: reason.replace(/\. Tried:$/, "") };
  }
});

/**
 * Builds an index over all vectors and writes it to `path`, in the format of `faiss.read_index`. Blocks the event loop
 * for one block at a time: run it in a child process. Throws `Cancelled`.
 */
export async function buildFaissFile(
  faiss: Faiss,
  kind: IndexKind,
  vectors: Vectors,
  path: string,
  ctx: TaskContext,
): Promise<void> {
  const index = kind === "flat" ? new faiss.IndexFlatIP(vectors.dim) : newHnsw(faiss, vectors.dim, path);
  for (let start = 0; start < vectors.count; start += BLOCK_ROWS) {
    if (ctx.signal.aborted) throw new WinnowError("Cancelled", "building the vector index was cancelled");
    const rows = Math.min(BLOCK_ROWS, vectors.count - start);
    index.add(Array.from(vectors.read(start, rows)));
    ctx.progress({ step: start + rows, of: vectors.count, note: `vectors in the ${kind} index` });
    await setImmediate();
  }
  index.write(path);
}

/**
 * Opens an index file with the addon. Throws `CorruptArtifact` when the file is not an index of `count` x `dim`. The
 * addon never frees a query's buffer (4 bytes per dimension), so restart serving processes now and then.
 */
export function openFaissFile(faiss: Faiss, kind: IndexKind, path: string, count: number, dim: number): VectorIndex {
  checkIndexFile(path, kind, count, dim);
  let index: Index;
  try {
    index = faiss.Index.read(path);
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${path}: FAISS cannot read the file: ${messageOf(cause)}`, { cause });
  }
  return {
    kind,
    backend: "faiss",
    count,
    dim,
    search: async (query, k) => searchFaiss(index, count, query, k),
    close() {},
  };
}

async function requireFaiss(): Promise<Faiss> {
  const addon = await loadFaiss();
  if ("faiss" in addon) return addon.faiss;
  throw new WinnowError("BadInput", `FAISS cannot be loaded: ${addon.reason}`);
}

/** An empty index with Winnow's parameters. Only a file can carry them: see {@link setHnswBreadth}. */
function newHnsw(faiss: Faiss, dim: number, path: string): Index {
  faiss.Index.fromFactory(dim, HNSW_FACTORY, INNER_PRODUCT).write(path);
  setHnswBreadth(path, EF_CONSTRUCTION, EF_SEARCH);
  return faiss.Index.read(path);
}

function searchFaiss(index: Index, count: number, query: Float32Array, k: number): Neighbours {
  const best = new TopK(Math.min(k, count));
  if (count === 0 || k === 0) return best.sorted();
  const { labels, distances } = index.search(Array.from(query), Math.min(k, count));
  labels.forEach((label, at) => {
    if (label >= 0) best.offer(label, distances[at]!);
  });
  return best.sorted();
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
