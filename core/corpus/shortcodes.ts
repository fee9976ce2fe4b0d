import { render, type ShortcodeContext, type ShortcodeParams } from "./shortcodeText.ts";

const TOKEN = /\{\{([<%])\s*(\/\*)?\s*(\/)?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)\s*(\*\/)?\s*(\/)?\s*([>%])\}\}/g;

/** Shortcodes whose inside is no text of the page. */
const DROPPED_INSIDE = new Set(["comment"]);

/**
 * Replaces Hugo's shortcodes by the text a reader sees. Every replacement keeps the line breaks of what it replaces,
 * so that line numbers stay those of the file.
 */
export function expandShortcodes(body: string, context: ShortcodeContext): string {
  let out = "";
  let last = 0;
  let droppedFrom: { name: string; at: number } | null = null;
  for (const match of body.matchAll(TOKEN)) {
    const [whole, , escaped, closing, inner] = match;
    const at = match.index;
    const { name, params } = parseParams(inner ?? "");
    if (droppedFrom) {
      if (!closing || name !== droppedFrom.name) continue;
      out += newlines(body.slice(droppedFrom.at, at + whole.length));
      droppedFrom = null;
      last = at + whole.length;
      continue;
    }
    out += body.slice(last, at);
    last = at + whole.length;
    if (escaped) out += whole.replace("/*", "").replace("*/", "");
    else if (!closing && DROPPED_INSIDE.has(name)) droppedFrom = { name, at };
    else out += replacement(render(name, params, Boolean(closing), context), whole);
  }
  return out + (droppedFrom ? newlines(body.slice(droppedFrom.at)) : body.slice(last));
}

function newlines(text: string): string {
  return "\n".repeat(text.split("\n").length - 1);
}

function replacement(text: string, token: string): string {
  return text.replace(/\s*\n\s*/g, " ") + newlines(token);
}

/** Name and parameters: `name "positional" key="value" key=value`. */
function parseParams(inner: string): { name: string; params: ShortcodeParams } {
  const params: ShortcodeParams = { named: {}, positional: [] };
  const words = inner.match(/[\w-]+=(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`]+)|"(?:[^"\\]|\\.)*"|`[^`]*`|[^\s"`]+/g) ?? [];
  for (const word of words.slice(1)) {
    const pair = /^([\w-]+)=([\s\S]*)$/.exec(word);
    if (pair) params.named[pair[1]!] = unquote(pair[2]!);
    else params.positional.push(unquote(word));
  }
  return { name: words[0] ?? "", params };
}

function unquote(word: string): string {
  if (word.length > 1 && /^["`]/.test(word) && word.at(-1) === word[0]) return word.slice(1, -1).replace(/\\"/g, '"');
  return word;
}
