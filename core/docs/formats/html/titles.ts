import type { Page } from "../../page.ts";

/** Between a page's title and the site's. */
const BRACKETS = / +\([^()]+\)$/;
const SEPARATOR = / +[-–—|·•»:]{1,2} +|: +/g;
/** Least share of the pages, and number of them, that have a site's name. */
const LEAST_SHARE = 0.75;
const LEAST_PAGES = 3;

/**
 * The pages without what belongs to their site: its name before or after titles taken from `<title>`, and descriptions
 * that several pages share.
 */
export function withoutShared(pages: readonly Page[], isOwn: (page: Page) => boolean): Page[] {
  const own = pages.filter(isOwn);
  const stated = own.map(({ data }) => data.stated).filter((title) => typeof title === "string");
  const before = shared(stated.map((title) => startOf(title)));
  const after = shared(stated.map((title) => endOf(title)));
  const descriptions = counts(own.map(({ description }) => description));
  return pages.map((page) => {
    if (!isOwn(page)) return page;
    const description = (descriptions.get(page.description) ?? 0) > 1 ? "" : page.description;
    if (page.title !== page.data.stated) return { ...page, description };
    const head = before !== null && page.title.startsWith(before) ? page.title.slice(before.length) : page.title;
    const title = after !== null && head.endsWith(after) ? head.slice(0, head.length - after.length) : head;
    return { ...page, description, title: title.trim() || page.title };
  });
}

/** The text that most pages share; null if there is none. */
function shared(parts: string[]): string | null {
  for (const [part, count] of counts(parts))
    if (part !== "" && count >= LEAST_PAGES && count >= parts.length * LEAST_SHARE) return part;
  return null;
}

function counts(texts: string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const text of texts) found.set(text, (found.get(text) ?? 0) + 1);
  return found;
}

function startOf(title: string): string {
  const [first] = title.matchAll(SEPARATOR);
  return first ? title.slice(0, first.index + first[0].length) : "";
}

function endOf(title: string): string {
  const last = BRACKETS.exec(title) ?? [...title.matchAll(SEPARATOR)].at(-1);
  return last ? title.slice(last.index) : "";
}
