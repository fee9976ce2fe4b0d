import { posix } from "node:path";
import { safePath, withEnd } from "../addresses.ts";
import type { Page } from "../page.ts";
import type { Expander, Format } from "./format.ts";
import { isGatePage, latestStage, stagesText, withoutHome } from "./hugo/kubernetes.ts";
import { expandShortcodes } from "./hugo/shortcodes.ts";

/**
 * Hugo: shortcodes, and front matter that only Hugo uses. `hugo/kubernetes.ts` handles what only the Kubernetes docs
 * have.
 */
export const hugo: Format = {
  name: "hugo",
  isDraft: ({ draft }) => draft === true,
  frontText: stagesText,
  expander,
  fixedAddress({ data }, below) {
    const whole = safePath(data.url);
    return whole.startsWith("/") ? withEnd(below(whole)?.replace(/^\/+/, "") ?? whole) : null;
  },
  aliases: ({ aliases }) =>
    Array.isArray(aliases) ? aliases.filter((alias): alias is string => typeof alias === "string") : [],
  link: withoutHome,
};

function expander(pages: readonly Page[]): Expander {
  const terms = new Map<string, Page>();
  const gates = new Map<string, Page>();
  for (const page of pages) {
    if (typeof page.data.id === "string" && /(^|\/)glossary\//.test(page.path)) terms.set(page.data.id, page);
    if (isGatePage(page.path)) gates.set(page.title, page);
  }
  return (body, { page, pageAt, insert, missing }) =>
    expandShortcodes(body, {
      term: (id) => terms.get(id)?.title ?? null,
      glossary: (id) => insert(terms.get(id)),
      featureGate: (name) => {
        const gate = gates.get(name);
        return gate ? latestStage(gate.data) : null;
      },
      featureGateText: (name) => insert(gates.get(name))?.all ?? null,
      include: (file) => {
        const places = [
          posix.join(posix.dirname(page.path), file),
          posix.join("includes", file),
          file.replace(/^\//, ""),
        ];
        return insert(places.map(pageAt).find(Boolean))?.all ?? null;
      },
      missing,
    });
}
