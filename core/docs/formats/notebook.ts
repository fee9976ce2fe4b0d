import type { Root, RootContent } from "mdast";
import { excess } from "../decode.ts";
import type { FrontMatter } from "../frontMatter.ts";
import { readJson } from "../text/json.ts";
import { itemsOf, type Located, linesOf, member, stringOf } from "../text/located.ts";
import { inline } from "../units.ts";
import type { Format } from "./format.ts";
import { outputBlocks } from "./notebook/outputs.ts";
import { codeAt, markdownAt } from "./placed.ts";

/** Language of a cell that starts with a cell magic, such as `%%bash`. */
const MAGIC = /^%%(bash|sh|html|javascript|js|latex|perl|ruby|sql)\b/;
/** Tags of Jupyter Book and nbconvert for what the published page lacks. */
const REMOVED = /^remove[-_](cell|input|output)$/;

/** Jupyter notebooks, nbformat 3 and 4. Pictures and widgets of outputs are left out. */
export const notebook: Format = {
  name: "notebook",
  language: { extensions: ["ipynb"], encoded: true, read: readNotebook, parse: parseNotebook },
};

function readNotebook(text: string): FrontMatter | { reason: string } {
  const json = readJson(text);
  if ("reason" in json) return json;
  const cells = cellsOf(json);
  if (!cells) return { reason: "is no Jupyter notebook: it has no list of cells" };
  const shown = cells.flatMap((cell) => linesOf(sourceOf(cell)).map((line) => line.text));
  const reason = excess(shown.join("\n"));
  if (reason !== null) return { reason };
  const title = titleIn(cells);
  return { data: title === "" ? {} : { title }, body: text, offset: 0 };
}

/** The first heading of the first level. */
function titleIn(cells: Located[]): string {
  for (const cell of cells)
    if (kindOf(cell) === "markdown" || kindOf(cell) === "heading")
      for (const node of cellBlocks(cell, "")) if (node.type === "heading" && node.depth === 1) return inline(node);
  return "";
}

function parseNotebook(body: string): Root {
  const json = readJson(body);
  if ("reason" in json) return { type: "root", children: [] };
  const language = languageOf(json);
  return { type: "root", children: (cellsOf(json) ?? []).flatMap((cell) => cellBlocks(cell, language)) };
}

/** The cells of nbformat 4, or those of all worksheets of nbformat 3; null for other JSON. */
function cellsOf(json: Located): Located[] | null {
  const cells = member(json, "cells");
  if (Array.isArray(cells?.value)) return cells.value;
  const sheets = member(json, "worksheets");
  return Array.isArray(sheets?.value) ? sheets.value.flatMap((sheet) => itemsOf(member(sheet, "cells"))) : null;
}

function languageOf(json: Located): string {
  const metadata = member(json, "metadata");
  const kernel = member(metadata, "kernelspec");
  const named = stringOf(member(kernel, "language")) || stringOf(member(member(metadata, "language_info"), "name"));
  return /^[\w+#-]{1,30}$/.test(named) ? named.toLowerCase() : "";
}

/** The blocks of a cell, in the order that its reader sees. */
function cellBlocks(cell: Located, language: string): RootContent[] {
  const removed = removedOf(cell);
  const lines = removed.has("cell") || removed.has("input") ? [] : linesOf(sourceOf(cell));
  switch (kindOf(cell)) {
    case "markdown":
      return markdownAt(lines);
    case "heading": {
      const level = member(cell, "level")?.value;
      const marks = "#".repeat(typeof level === "number" && level >= 1 && level <= 6 ? Math.floor(level) : 1);
      return markdownAt(lines.map((line) => ({ ...line, text: `${marks} ${line.text}` })));
    }
    case "code": {
      const spoken = stringOf(member(cell, "language")) || language;
      const code = codeAt(lines, MAGIC.exec(lines[0]?.text ?? "")?.[1] ?? spoken);
      const outputs = removed.has("cell") || removed.has("output") ? [] : itemsOf(member(cell, "outputs"));
      return [...code, ...outputs.flatMap(outputBlocks)];
    }
    default:
      return codeAt(lines, "");
  }
}

function kindOf(cell: Located): string {
  return stringOf(member(cell, "cell_type"));
}

/** Text of a cell; nbformat 3 calls that of code `input`. */
function sourceOf(cell: Located): Located | undefined {
  return member(cell, "source") ?? member(cell, "input");
}

function removedOf(cell: Located): Set<string> {
  const tags = itemsOf(member(member(cell, "metadata"), "tags")).map(stringOf);
  return new Set(tags.flatMap((tag) => REMOVED.exec(tag)?.[1] ?? []));
}
