import { setImmediate } from "node:timers/promises";
import { countPassages, eachPassage } from "../artifacts/passages.ts";
import { WinnowError } from "../base/errors.ts";
import type { TaskContext } from "../base/progress.ts";
import { windowCount } from "../docs/windows.ts";
import { Bm25Builder } from "./bm25Builder.ts";

const REPORT_EVERY = 2048;

/**
 * Builds the BM25 index of an ingest artifact's passages into `outDir`, with one passage in memory at a time.
 *
 * @param vectors number of embedded rows for these passages, one per window.
 *
 * Throws `CorruptArtifact` if `vectors` belongs to other passages or a line is not JSON, and `Cancelled`.
 */
export async function buildLexicalIndex(
  ingestDir: string,
  vectors: number,
  outDir: string,
  ctx: TaskContext,
): Promise<void> {
  const of = await countPassages(ingestDir);
  const builder = new Bm25Builder();
  let step = 0;
  let windows = 0;
  for await (const passage of eachPassage(ingestDir)) {
    if (step % REPORT_EVERY === 0) {
      await setImmediate();
      if (ctx.signal.aborted) throw new WinnowError("Cancelled", "building the BM25 index was cancelled");
      ctx.progress({ step, of, note: "passages in the BM25 index" });
    }
    builder.add(passage);
    step++;
    windows += windowCount(passage);
  }
  if (windows !== vectors) {
    throw new WinnowError("CorruptArtifact", `${windows} windows of passages, but ${vectors} vectors`);
  }
  await builder.build().save(outDir);
}
