/** A readable page: front matter split off, includes of other pages' text not yet expanded. */
export interface Page {
  path: string;
  /** SHA-256 of the file's bytes. */
  digest: string;
  title: string;
  description: string;
  data: Record<string, unknown>;
  body: string;
  /** Lines of the file before `body`. */
  offset: number;
  /** Lines of the whole file. */
  lines: number;
}

const EXTENSION = /\.[^./]+$/;
/** Pages that represent their folder. */
const INDEX = /(^|\/)(_index|index|README)$/i;

/** Path of a page below the docs' address: `a/_index.md` is `a/`, `a/b.md` is `a/b/`. */
export function pageUrl(path: string): string {
  const bare = withoutExtension(path);
  return INDEX.test(bare) ? bare.replace(INDEX, "$1") : `${bare}/`;
}

/** A page's file name in words, or its folder's name if the page represents the folder. */
export function pageName(path: string): string {
  const steps = withoutExtension(path).replace(INDEX, "").split("/");
  return steps.at(-1)?.replace(/[-_]+/g, " ") || "Home";
}

function withoutExtension(path: string): string {
  return path.replace(EXTENSION, "");
}
