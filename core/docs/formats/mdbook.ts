import { posix } from "node:path";
import type { AnchorStyle } from "../anchors.ts";
import type { Page } from "../page.ts";
import { closesFence, fenceOf } from "../text/code.ts";
import type { Block, Dialect, MarkdownPage } from "./dialect.ts";
import type { Format } from "./format.ts";

/** A line that takes its text from a file, or from a part of it: `file.rs:part`. */
const INCLUDED = /^\s*\{\{\s*#(?:include|rustdoc_include|playground|playpen)\s+([^\s{}:]+)[^{}]*\}\}\s*$/;
/** Sets the browser's title. */
const TITLE = /^\s*\{\{\s*#title\s[^{}]*\}\}\s*$/;

const MDBOOK: AnchorStyle = {
  name: "mdbook",
  slug: (heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  repeats: (anchor) => ({ before: `${anchor}-`, first: 1 }),
};

/** mdBook, with its preprocessor for included files. */
export const mdbook: Format = {
  name: "mdbook",
  dialect: preprocessed,
  configFiles: ["book.toml"],
  publishing: { detect: ({ generator }) => generator === "mdbook", anchors: MDBOOK, address },
};

function preprocessed({ lines }: MarkdownPage): Dialect {
  return {
    opens: (line, at) => includedCode(lines, line, at),
    wholeLine: (line) => (TITLE.test(line) ? "" : captionOf(line)),
  };
}

/** A block of code that holds included files alone. */
function includedCode(lines: readonly string[], line: string, at: number): Block | null {
  const fence = fenceOf(line);
  if (fence === null) return null;
  const indent = line.slice(0, line.indexOf(fence));
  const shown = [""];
  for (let next = at + 1; next < lines.length; next++) {
    const caption = captionOf(lines[next]!);
    if (caption === null)
      return shown.length > 1 && closesFence(lines[next]!, fence) ? { shown: [...shown, ""] } : null;
    shown.push(`${indent}${caption}`);
  }
  return null;
}

function captionOf(line: string): string | null {
  const file = INCLUDED.exec(line)?.[1];
  return file === undefined ? null : `(code sample: ${file})`;
}

/** Pages are files; `README.md` is the index of its folder. */
function address({ path }: Page): string {
  const { dir, name } = posix.parse(path);
  const folder = dir === "" ? "" : `${dir}/`;
  return /^(?:readme|index)$/i.test(name) ? folder : `${folder}${name}.html`;
}
