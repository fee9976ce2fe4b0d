import { basename } from "node:path";
import { WinnowError } from "../core/base/errors.ts";
import { corpusName, isPagePath } from "../core/docs/corpusName.ts";
import { type SourceSpec, sourceText } from "../core/docs/sourceSpec.ts";
import type { Releases } from "../core/storage/releases.ts";

/**
 * Throws BadInput if a name that was derived from the docs is that of other docs, and either are a single page: folders of
 * one name are versions of the same docs, but `guide.md`, `guide.html` and many an `openapi.yaml` are not. Also throws it
 * for a page whose corpus has its file's whole name, as corpora of pages once had.
 */
export async function requireOwnCorpus(
  corpus: string,
  source: SourceSpec,
  releases: Pick<Releases, "champion" | "read">,
): Promise<void> {
  if (source.kind !== "local") return;
  const isPage = isPagePath(source.path);
  const champion = await releases.champion(corpus);
  if (champion !== null) {
    const { path } = (await releases.read(champion.release)).manifest.source;
    if (path === sourceText(source) || !(isPage || isPagePath(path))) return;
    throw new WinnowError(
      "BadInput",
      `docs.name: ${source.path} and ${path} both give the name ${corpus}, whose release is of the latter: name the corpus (--name), by ${corpus} to go on with it`,
    );
  }
  const whole = isPage ? corpusName(basename(source.path)) : corpus;
  if (whole !== corpus && (await releases.champion(whole)) !== null)
    throw new WinnowError(
      "BadInput",
      `docs.name: a corpus ${whole} serves, as corpora of pages were named: give --name ${whole} to go on with it, or --name ${corpus} to begin another`,
    );
}
