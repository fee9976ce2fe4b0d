import type { RootContent } from "mdast";
import { excess } from "../../decode.ts";
import { type Located, linesOf, member, membersOf, type PlacedLine } from "../../text/located.ts";
import { codeAt, markdownAt } from "../placed.ts";

const MAX_LINES = 60;
const MAX_CHARACTERS = 6_000;
const MAX_TAGS = 500;
/** Colours of a terminal (ECMA-48). Ingest has already dropped a raw escape character, not one written `\u001b`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what it finds
const COLOURS = /\u001b\[[\d;?]*[A-Za-z]/g;
/** How Python writes an object that the notebook draws. */
const DRAWN = /^<[\w. ]+(?: object| Axes)?(?: at 0x[\da-f]+)?[^\n]*>$/;

/** What a reader sees of an output: text as code in the language "output", Markdown as it is, HTML without its marks. */
export function outputBlocks(output: Located): RootContent[] {
  const data = member(output, "data");
  const rich = (type: string, old: string) => linesOf(member(data, type) ?? member(output, old));
  const markdown = linesOf(member(data, "text/markdown"));
  if (markdown.length > 0) return asMarkdown(bounded(markdown));
  const text = rich("text/plain", "text");
  const html = rich("text/html", "html");
  const isDrawn = text.length === 1 && DRAWN.test(text[0]!.text) && (html.length > 0 || hasPicture(data ?? output));
  if (text.length > 0 && !isDrawn) return asCode(text);
  if (html.length > 0) return asMarkdown(asBlock(bounded(html)));
  const error = [...linesOf(member(output, "ename")), ...linesOf(member(output, "evalue"))];
  return asCode(error.length > 0 ? error : rich("text/latex", "latex"));
}

/** Markdown, or its source if it nests too deeply for a parser. */
function asMarkdown(lines: PlacedLine[]): RootContent[] {
  const source = lines.map(({ text }) => text).join("\n");
  const nests = excess(source) !== null || (source.match(/<[A-Za-z]/g)?.length ?? 0) > MAX_TAGS;
  return nests ? codeAt(lines, "output") : markdownAt(lines);
}

function asCode(lines: PlacedLine[]): RootContent[] {
  return codeAt(bounded(lines.map((line) => ({ ...line, text: line.text.replace(COLOURS, "") }))), "output");
}

/** A blank line ends a block of HTML in Markdown, so blank lines go. */
function asBlock(html: PlacedLine[]): PlacedLine[] {
  const lines = html.filter(({ text }) => text.trim() !== "").map((line) => ({ ...line, text: line.text.trim() }));
  return lines.length === 0 ? [] : [{ text: "<div>", line: lines[0]!.line }, ...lines];
}

function hasPicture(data: Located): boolean {
  return membersOf(data).some(([type]) => /^(?:image\/|png$|jpeg$|svg$)/.test(type));
}

/** The first lines of a long output, and a last line that says how much was left out. */
function bounded(lines: PlacedLine[]): PlacedLine[] {
  const kept: PlacedLine[] = [];
  let room = MAX_CHARACTERS;
  for (const line of lines.slice(0, MAX_LINES)) {
    if (room <= 0) break;
    kept.push({ ...line, text: line.text.slice(0, room) });
    room -= line.text.length;
  }
  const cut = lines.length - kept.length;
  if (cut === 0 && room >= 0) return kept;
  const note = cut > 0 ? `(output shortened: ${cut} more lines)` : "(output shortened)";
  return [...kept, { text: note, line: kept.at(-1)!.line }];
}
