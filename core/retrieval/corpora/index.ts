import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import type { IndexMeta } from "../../artifacts/searchIndex.ts";
import type { VectorServer } from "../../base/compute.ts";
import type { CosineScale } from "../cosineScale.ts";
import type { SearchCorpus } from "./corpus.ts";
import { openLocalCorpus } from "./local.ts";

/** Opens the corpus of a build-index artifact where it is held. Throws as the place does. */
export function openCorpus(
  dirs: CorpusDirs,
  _meta: IndexMeta,
  scale: CosineScale,
  server: VectorServer | null,
): Promise<SearchCorpus> {
  return openLocalCorpus(dirs, scale, server);
}
