import type { Context } from "hono";
import { type CorpusReleases, UNREADABLE } from "../../../client/releaseShelf.ts";
import type { RunDetails } from "../../../client/runDetails.ts";
import { publicSource } from "../../../client/serving.ts";
import type { Env } from "../../protocol.ts";

/** Stands for a cause that may name addresses and folders of the server, for callers who are not to see them. */
export const WITHHELD = "The cause is told on the server alone, since it may name its folders.";

/** A cause as this caller may see it. */
export function causeFor(c: Context<Env>, cause: string | null): string | null {
  return cause === null || c.var.causes ? cause : WITHHELD;
}

/** The releases of a corpus without what this caller may not see. */
export function releasesFor(c: Context<Env>, corpus: CorpusReleases): CorpusReleases {
  if (c.var.causes || (corpus.damaged === null && corpus.corpus !== UNREADABLE)) return corpus;
  const releases = corpus.releases.map((release) => ({ ...release, reason: WITHHELD }));
  return { ...corpus, damaged: causeFor(c, corpus.damaged), releases };
}

/** A run without what this caller may not see: of folders it was started with, the last part alone. */
export function runFor(c: Context<Env>, run: RunDetails): RunDetails {
  if (c.var.causes) return run;
  const options = Object.entries(run.options).map(([name, given]) => [name, publicSource(given)]);
  return { ...run, options: Object.fromEntries(options), failure: causeFor(c, run.failure) };
}
