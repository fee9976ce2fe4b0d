import { render, type ShortcodeContext, type ShortcodeParams } from "./shortcodeText.ts";

// A tag never extends past the start of another: an unclosed tag stays text and swallows nothing.
const TOKEN =
  /\{\{[<%]((?:"(?:(?!\{\{[<%])[^"\\]|\\.)*"|`(?:(?!\{\{[<%])[^`])*`|(?!\{\{[<%]|[>%]\}\})[^"`])*)[>%]\}\}/g;

/** Shortcodes whose content is not part of the page. */
const DROPPED_INSIDE = new Set(["comment"]);

/**
 * Replaces Hugo's shortcodes by the text readers see. Every replacement keeps its line breaks, so that line numbers
 * match the file.
 */
export function expandShortcodes(body: string, context: ShortcodeContext): string {
  let out = "";
  let last = 0;
  const tags = [...body.matchAll(TOKEN)].map((match) => ({ match, ...parseToken(match[1]!) }));
  const closed = new Set(tags.flatMap(({ closing, name }) => (closing ? [name] : [])));
  let dropped: { name: string; token: string; at: number } | null = null;
  for (const { match, escaped, closing, name, params } of tags) {
    const token = match[0];
    const at = match.index;
    if (dropped) {
      if (!closing || name !== dropped.name) continue;
      out += newlines(body.slice(dropped.at, at + token.length));
      dropped = null;
    } else {
      out += body.slice(last, at);
      if (escaped) out += token.replace("/*", "").replace("*/", "");
      else if (!closing && DROPPED_INSIDE.has(name)) dropped = { name, token, at };
      else out += replacement(render(name, params, { closing, wraps: closed.has(name) }, context), token);
    }
    last = at + token.length;
  }
  // An unclosed comment hides nothing.
  return out + (dropped ? newlines(dropped.token) : "") + body.slice(last);
}

function parseToken(inside: string) {
  const text = inside.trim();
  const escaped = text.startsWith("/*") && text.endsWith("*/");
  const closing = !escaped && text.startsWith("/");
  return { escaped, closing, ...parseParams(text.replace(/^\//, "").replace(/\/$/, "").trim()) };
}

function newlines(text: string): string {
  return "\n".repeat(text.split("\n").length - 1);
}

function replacement(text: string, token: string): string {
  if (!text.includes("\n")) return text + newlines(token);
  const lines = text.split("\n").map((line) => line.trim());
  return lines.join(" ") + newlines(token);
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
