import { posix } from "node:path";

/** Markup that is not read, by file extension, and what to do instead. */
const UNREAD: Record<string, { name: string; instead: string }> = {
  rst: {
    name: "reStructuredText",
    instead:
      "Build the site (`make html`, or `sphinx-build -b html . _build/html`), then give the folder with its pages.",
  },
};

/** True for a file of a markup language that is not read. */
export function isUnread(path: string): boolean {
  return Object.hasOwn(UNREAD, extensionOf(path));
}

/** What to do if unread files are all that a source holds; "" without such files. */
export function adviceFor(unread: readonly string[]): string {
  const [first] = unread;
  const found = first === undefined ? undefined : UNREAD[extensionOf(first)];
  if (!found) return "";
  return `${unread.length} files of ${found.name} (${first} is one) are not read. ${found.instead}`;
}

function extensionOf(path: string): string {
  return posix.extname(path).slice(1).toLowerCase();
}
