import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { type Located, MAX_DEPTH } from "./located.ts";

/** Characters that a file may have once each alias is replaced by what it stands for. */
const MAX_EXPANDED = 40_000_000;
/** Marks on one line that open a value in a value. */
const TOO_DEEP = /^(?:[ \t]*(?:[[{]|[-?](?=[ \t]))){101}/m;

const NESTED = { reason: `is nested deeper than ${MAX_DEPTH} levels` };
const OPTIONS = { prettyErrors: false, uniqueKeys: false, schema: "core", logLevel: "silent" } as const;

/** Thrown while values are located; `readYaml` returns its message. */
class NotRead extends Error {}

/**
 * Parses YAML 1.2 with line numbers: JSON's values, aliases and merge keys resolved, other tags ignored. Returns the
 * reason if the file is broken, nested too deeply, or grows too long by its aliases.
 */
export function readYaml(text: string): Located | { reason: string } {
  if (TOO_DEEP.test(text)) return NESTED;
  const lines = new LineCounter();
  try {
    const { contents, errors } = parseDocument(text, { ...OPTIONS, lineCounter: lines });
    const [error] = errors;
    if (!error) return new Locator(text, lines).value(contents, 0).read;
    if (error.code === "RESOURCE_EXHAUSTION" || error.message.includes("call stack")) return NESTED;
    const { line } = lines.linePos(error.pos[0]);
    return { reason: `is not valid YAML: line ${line}: ${error.message.split("\n")[0]}` };
  } catch (thrown) {
    if (thrown instanceof NotRead) return { reason: thrown.message };
    // The parser calls itself for each level.
    if (thrown instanceof RangeError) return NESTED;
    throw thrown;
  }
}

/** A value, and its characters once aliases are replaced. */
interface Weighed {
  read: Located;
  weight: number;
}

class Locator {
  /** Values by anchor; null while the value is read. */
  private readonly anchors = new Map<string, Weighed | null>();

  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
  ) {}

  value(node: Node | null, depth: number): Weighed {
    if (depth > MAX_DEPTH) throw new NotRead(NESTED.reason);
    if (isAlias(node)) return this.target(node.source, this.lineOf(node));
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.anchors.set(anchor, null);
    const made = this.content(node, depth);
    if (made.weight > MAX_EXPANDED) throw new NotRead(`grows over ${MAX_EXPANDED} characters by its aliases`);
    if (anchor !== undefined) this.anchors.set(anchor, made);
    return made;
  }

  private target(name: string, line: number): Weighed {
    const found = this.anchors.get(name);
    if (found) return found;
    const why = found === null ? "stands in its own value" : "has no anchor above it";
    throw new NotRead(`is not valid YAML: line ${line}: the alias *${name} ${why}`);
  }

  private content(node: Node | null, depth: number): Weighed {
    const [from, to] = node?.range ?? [0, 0];
    const place = { line: this.lineOf(node), from, to };
    if (isMap(node)) {
      const { members, weight } = this.map(node, depth);
      return { read: { ...place, value: members }, weight };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.value(item as Node, depth + 1));
      return { read: { ...place, value: items.map(({ read }) => read) }, weight: sum(items) };
    }
    const value = scalarOf(node);
    if (typeof value !== "string") return { read: { ...place, value }, weight: 1 };
    const spans = this.spansOf(node as Scalar, value);
    return { read: { ...place, value, ...(spans ? { spans } : {}) }, weight: value.length + 1 };
  }

  private map(node: YAMLMap, depth: number): { members: Map<string, Located>; weight: number } {
    const members = new Map<string, Located>();
    const merged: Located[] = [];
    let weight = 1;
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const made = this.value(value, depth + 1);
      weight += made.weight + 1;
      const name = nameOf(key);
      const named = this.lineOf(key);
      // A missing value has no place of its own.
      const read = value === null ? { ...made.read, line: named } : made.read;
      if (name === "<<") merged.push(...(Array.isArray(read.value) ? read.value : [read]));
      else members.set(name, read.line === named ? read : { ...read, named });
    }
    for (const { value } of merged)
      if (value instanceof Map) for (const [name, read] of value) if (!members.has(name)) members.set(name, read);
    return { members, weight };
  }

  /** Lines of each line of a string: exact for a literal block, otherwise by counting words. */
  private spansOf(node: Scalar, value: string): [number, number][] | null {
    const [from, to] = node.range ?? [0, 0];
    const source = this.text.slice(from, to).trimEnd().split("\n");
    const texts = value.split("\n");
    const first = this.lines.linePos(from).line;
    if (source.length === 1) return null;
    const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
    if (node.type === "BLOCK_LITERAL") return texts.map((_, i) => [first + 1 + i, first + 1 + i]);
    const wordLines = (isBlock ? source.slice(1) : source).flatMap((line, i) =>
      Array<number>(wordsIn(line)).fill(first + i + (isBlock ? 1 : 0)),
    );
    const counts = texts.map(wordsIn);
    const last = first + source.length - 1;
    if (counts.reduce((all, count) => all + count, 0) !== wordLines.length) return texts.map(() => [first, last]);
    let at = 0;
    return counts.map((count) => {
      const start = wordLines[Math.min(at, wordLines.length - 1)] ?? first;
      at += count;
      return [start, count === 0 ? start : wordLines[at - 1]!];
    });
  }

  private lineOf(node: unknown): number {
    const range = (node as Node | null)?.range;
    return range ? this.lines.linePos(range[0]).line : 1;
  }
}

function scalarOf(node: Node | null): null | boolean | number | string {
  const value = isScalar(node) ? node.value : null;
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  return String(value);
}

/** A key as it is written: 200 is a name too. */
function nameOf(key: unknown): string {
  if (!isScalar(key)) return String(key);
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function wordsIn(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

function sum(items: Weighed[]): number {
  return items.reduce((all, { weight }) => all + weight, 1);
}
