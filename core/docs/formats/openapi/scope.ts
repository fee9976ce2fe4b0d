import { percentDecoded } from "../../../base/percentDecoded.ts";
import { itemsOf, type Located, linesOf, member, type PlacedLine, stringOf } from "../../text/located.ts";
import type { Span } from "./blocks.ts";

/** Characters of shared definitions that a document may repeat where they are used, and times its own length. */
const MAX_REPEATED = 4_000_000;
const MAX_CHAIN = 10;
/** Longest text of a shared definition that is repeated where it is used. Longer ones stand once, in its own section. */
const MAX_SHARED_TEXT = 200;

/** What is rendered: the whole document, and how text that stands elsewhere is placed. */
export interface Scope {
  root: Located;
  /** Text of the file. */
  text: string;
  /** Line of the reference whose target is rendered; null for text that stands where it is used. */
  at: number | null;
  /** Pointers of definitions that were shown whole where they are used. */
  shown: Set<string>;
  /** Characters left for repeating definitions. */
  room: { left: number };
}

export function scopeOf(root: Located, text: string): Scope {
  const left = Math.max(MAX_REPEATED, 4 * text.length);
  return { root, text, at: null, shown: new Set(), room: { left } };
}

/** A value after its references, or the text of one that leads out of the file, in a circle, or nowhere. */
export interface Followed {
  node: Located;
  scope: Scope;
  /** Text of a reference that was not followed. */
  unread: string | null;
}

/** Follows `$ref` inside the file. */
export function follow(node: Located, scope: Scope): Followed {
  let found = node;
  let at = scope.at;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const ref = refOf(found);
    if (ref === "") return { node: found, scope: at === scope.at ? scope : { ...scope, at }, unread: null };
    at ??= found.named ?? found.line;
    const target = pointedAt(scope.root, ref);
    scope.room.left -= target ? target.to - target.from : 0;
    if (!target || scope.room.left < 0) return { node, scope, unread: ref };
    if (!scope.shown.has(ref) && isWholeWhereUsed(target)) scope.shown.add(ref);
    found = target;
  }
  return { node, scope, unread: refOf(node) };
}

export function refOf(node: Located | undefined): string {
  return stringOf(member(node, "$ref"));
}

/** The value at a JSON pointer (RFC 6901) in a fragment, or undefined. */
export function pointedAt(root: Located, ref: string): Located | undefined {
  if (!ref.startsWith("#/")) return undefined;
  let found: Located | undefined = root;
  for (const step of ref.slice(2).split("/")) {
    const name = nameIn(step);
    found = Array.isArray(found?.value) && /^\d{1,6}$/.test(name) ? found.value[Number(name)] : member(found, name);
  }
  return found;
}

/** A member's name as a step of a JSON pointer. */
export function pointerStep(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The member's name that a step of a JSON pointer in a fragment stands for. */
function nameIn(step: string): string {
  return percentDecoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Name of the schema that a reference points at, or the reference itself. */
export function refName(ref: string): string {
  const name = /^#\/(?:components\/schemas|definitions)\/([^/]+)$/.exec(ref)?.[1];
  return name === undefined ? ref : nameIn(name);
}

/** Lines of a string; of a shared definition, on the line of the reference and shortened to a sentence. */
export function textLines(node: Located | undefined, { at }: Scope): PlacedLine[] {
  if (at === null) return linesOf(node);
  const text = stringOf(node).trim();
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
  return (isShort(text) ? text : isShort(sentence) ? sentence : "")
    .split("\n")
    .map((line) => ({ text: line, line: at }));
}

function isShort(text: string): boolean {
  return text.length <= MAX_SHARED_TEXT;
}

/** True if all texts of a definition are short enough to be shown where it is used. */
function isWholeWhereUsed(node: Located): boolean {
  if (typeof node.value === "string") return isShort(node.value.trim());
  if (Array.isArray(node.value)) return node.value.every(isWholeWhereUsed);
  return !(node.value instanceof Map) || [...node.value.values()].every(isWholeWhereUsed);
}

/** The lines of a member with its name. */
export function spanOf(node: Located, { at }: Scope): Span {
  return at === null ? [node.named ?? node.line, lastLine(node)] : [at, at];
}

/** The line that a member begins on. */
export function firstLineOf(node: Located, scope: Scope): Span {
  const [line] = spanOf(node, scope);
  return [line, line];
}

/** The last line that a value begins on. */
export function lastLine(node: Located, without?: ReadonlySet<string>): number {
  const { value, line } = node;
  const ends = node.spans?.at(-1)?.[1] ?? line;
  if (Array.isArray(value)) return value.reduce((last, item) => Math.max(last, lastLine(item)), ends);
  if (!(value instanceof Map)) return ends;
  let last = ends;
  for (const [name, item] of value) if (!without?.has(name)) last = Math.max(last, lastLine(item));
  return last;
}

/** A scalar as text; "" for a map, a list or nothing. */
export function scalar(node: Located | undefined): string {
  const value = node?.value ?? null;
  return value === null || typeof value === "object" ? "" : String(value);
}

/** A value as short text: a scalar as it is, others as JSON. */
export function short(node: Located): string {
  return typeof node.value === "object" && node.value !== null ? JSON.stringify(plain(node)) : String(node.value);
}

function plain({ value }: Located): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Map ? Object.fromEntries([...value].map(([name, item]) => [name, plain(item)])) : value;
}

export function texts(node: Located | undefined): string[] {
  return itemsOf(node)
    .map(scalar)
    .filter((text) => text !== "");
}
