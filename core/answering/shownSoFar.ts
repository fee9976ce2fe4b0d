import { NOT_IN_DOCS, saysNotInDocs, withoutRefusal } from "./prompt.ts";

/** Characters that an answer may have (fittedReply.ts). */
const MAX_SHOWN = 12_000;

/**
 * Text that a renderer could take for a link, a picture, an address or HTML. Each pattern ends with the character that
 * completes it, so what has been shown is never taken back.
 */
const LIVE =
  /\]\(|\]\[|\]:|!\[|<[A-Za-z/!?]|:\/\/|www\.|(?:javascript|vbscript|mailto|xmpp|tel|blob|data|file):[^\s:]|[\w.+-]@\w|&#?\w+;|~~~|\\/i;
const FENCE = /^```[\w+-]*$/;

/**
 * The part of an unfinished reply that may be shown before it is checked: without the word of a refusal, and up to the
 * first text outside code that could become a link, a picture or HTML. A planted instruction could use one to send the
 * question elsewhere. A longer reply gives text that begins with that of a shorter one.
 */
export function shownSoFar(reply: string): string {
  if (saysNotInDocs(reply) || mayBecomeRefusal(reply)) return "";
  const text = withoutRefusal(withoutHalfRefusal(reply.slice(0, MAX_SHOWN)));
  return text.slice(0, endOfPlain(text)).trimEnd();
}

/** True while the reply may still turn out to be the word of a refusal. */
function mayBecomeRefusal(reply: string): boolean {
  const start = reply.replace(/^[\s"'`*_.]+/, "").toUpperCase();
  return NOT_IN_DOCS.startsWith(start.replaceAll(" ", "_"));
}

/** A reply may end in the first letters of the word. */
function withoutHalfRefusal(reply: string): string {
  for (let length = NOT_IN_DOCS.length; length > 0; length--)
    if (reply.endsWith(NOT_IN_DOCS.slice(0, length))) return reply.slice(0, -length);
  return reply;
}

/** Offset of the first character that completes something live, or of an unfinished span of code. */
function endOfPlain(text: string): number {
  let at = 0;
  let inFence = false;
  for (const line of text.split("\n")) {
    const isLast = at + line.length === text.length;
    if (line.startsWith("```") || (isLast && /^`+$/.test(line))) {
      // A fence of any other form may end elsewhere than it seems to. The last line may still go on.
      if (isLast || !(inFence ? line === "```" : FENCE.test(line))) return at;
      inFence = !inFence;
    } else if (!inFence) {
      const end = endOfProse(line);
      if (end < line.length) return at + end;
    }
    at += line.length + 1;
  }
  return text.length;
}

/** The same in a line outside fences. A span of code must end in its line, and hold no bar: a table splits it there. */
function endOfProse(line: string): number {
  const spans = line.split("`");
  let at = 0;
  for (const [index, span] of spans.entries()) {
    const isCode = index % 2 === 1;
    const isOpen = isCode && index === spans.length - 1;
    if (isOpen || (isCode && (span === "" || span.includes("|")))) return at - 1;
    const live = isCode ? null : LIVE.exec(span);
    if (live) return at + live.index + live[0].length - 1;
    at += span.length + 1;
  }
  return line.length;
}
