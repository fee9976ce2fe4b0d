import { closesFence } from "../text/code.ts";
import type { Block, Dialect, MarkdownPage } from "./dialect.ts";
import type { Format } from "./format.ts";
import { colonsAt } from "./markdown/colons.ts";
import { CONTAINERS, insideOf } from "./markdown/containers.ts";
import { fenceInfo } from "./markdown/fences.ts";
import { blockLabel } from "./markdown/labels.ts";

const FENCE = new RegExp(`^(${CONTAINERS})(\`{3,}|~{3,})(.*)$`);
const QUARTO_CALLOUT = /(?:^|\s)\.callout-([a-z]+)/;
const ALERT = /^(\s*(?:>\s*)+)\[!(\w+)\]\s*(.*)$/;
/** Marks of tables of contents. */
const CONTENTS = /^\s*(?:\[TOC\]|\[\[toc\]\]|\[\[_TOC_\]\]|<!-- ?toc ?-->)\s*$/i;
/** A file that VitePress includes. */
const INCLUDED = /^\s*<<<\s+@?([\w./-]+)/;

/** Marks that many generators share: code blocks with titles, `:::` containers, GitHub's alerts, tables of contents. */
export const markdown: Format = { name: "markdown", dialect: shared };

function shared(page: MarkdownPage): Dialect {
  return {
    opens: (line) => fence(line) ?? colonBlock(line, page) ?? alert(line, page),
    wholeLine(line) {
      if (CONTENTS.test(line)) return "";
      const file = INCLUDED.exec(line)?.[1];
      return file === undefined ? null : `(code sample: ${file})`;
    },
  };
}

function fence(line: string): Block | null {
  const [, marks = "", open = "", info = ""] = FENCE.exec(line) ?? [];
  if (open === "" || (open.startsWith("`") && info.includes("`"))) return null;
  const inside = insideOf(marks);
  const closes = (other: string) => closesFence(inside(other) ?? "", open);
  const code = { holds: (other: string) => inside(other) !== null, closes };
  return { shown: [`${marks}${open}${fenceInfo(info)}`], code };
}

/** `::: tip Title` of VitePress, `:::tip[Title]` of Docusaurus, `::: {.callout-tip}` of Quarto, and the line that ends one. */
function colonBlock(line: string, page: MarkdownPage): Block | null {
  const colons = colonsAt(line);
  if (!colons) return null;
  const { indent, braced, kind, title } = colons;
  const callout = QUARTO_CALLOUT.exec(braced)?.[1];
  if (callout) return { shown: [blockLabel(page, indent, callout, /\btitle="([^"]*)"/.exec(braced)?.[1])] };
  return { shown: [kind === "" ? "" : blockLabel(page, indent, kind, title)] };
}

function alert(line: string, page: MarkdownPage): Block | null {
  const [, marks = "", kind, title] = ALERT.exec(line) ?? [];
  return kind ? { shown: [`${marks}${blockLabel(page, "", kind.toLowerCase(), title)}`] } : null;
}
