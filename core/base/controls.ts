/**
 * Control characters other than tab and line feed (C0, DEL, C1), and the characters that reorder text (embedding,
 * override, isolate). A terminal obeys them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it finds
export const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
/** The same and Unicode noncharacters, which a reader sees as little. */
const HIDDEN = new RegExp(`${CONTROLS.source}|[\\ufdd0-\\ufdef\\ufffe\\uffff]`, "g");
const BREAKS = /[\t\n\u2028\u2029]+/g;

/** The text without them. CR LF and a lone CR become line feeds. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(HIDDEN, "");
}

/** The text on one line, for headings and the like. */
export function onOneLine(text: string): string {
  return withoutControls(text).replace(BREAKS, " ");
}

/** The name of a file with each such character, and each line break, written as its code: `a\u001b.md`. */
export function visibleName(name: string): string {
  return name.replace(HIDDEN, escaped).replace(/[\t\n\u2028\u2029]/g, escaped);
}

/** JSON in which no such character stands raw. It parses to the same value. */
export function safeJson(value: unknown): string {
  return escapedControls(JSON.stringify(value));
}

/** A piece of JSON with each such character inside its strings written as its code. */
export function escapedControls(json: string): string {
  return json.replace(HIDDEN, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
