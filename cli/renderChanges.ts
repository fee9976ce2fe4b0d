import type { CorpusChanges } from "../contracts/pipeline.ts";

/** Formats the page diff against the champion: counts, then the first pages of each kind. */
export function renderChanges({ against, pages, passages, examples }: CorpusChanges): string {
  const head = `Docs against release ${against}: ${pages.added} pages added, ${pages.changed} changed, ${pages.removed} removed, ${pages.same} the same; ${passages.fresh} of ${passages.total} passages new`;
  const signs = { added: "+", changed: "~", removed: "-" } as const;
  const lines = (["added", "changed", "removed"] as const).flatMap((kind) => {
    const more = pages[kind] - examples[kind].length;
    const shown = examples[kind].map((page) => `  ${signs[kind]} ${page}`);
    return more > 0 ? [...shown, `  ${signs[kind]} ... and ${more} more`] : shown;
  });
  return [head, ...lines].join("\n");
}
