import { type Located, MAX_DEPTH } from "./located.ts";

const BLANK = /[ \t\n]*/y;
const SCALAR = /(?:true|false|null|-?\d[\d.eE+-]*)/y;

/** Thrown by the parser; `readJson` returns its message. */
class NotJson extends Error {}

/** Parses JSON (RFC 8259) with line numbers. Returns the reason if it is broken or nested too deeply. */
export function readJson(text: string): Located | { reason: string } {
  try {
    return new JsonReader(text).whole();
  } catch (error) {
    if (error instanceof NotJson) return { reason: error.message };
    throw error;
  }
}

class JsonReader {
  private at = 0;
  private line = 1;

  constructor(private readonly text: string) {}

  whole(): Located {
    const read = this.value(0);
    this.skip();
    if (this.at < this.text.length) throw this.broken();
    return read;
  }

  private value(depth: number): Located {
    if (depth > MAX_DEPTH) throw new NotJson(`is nested deeper than ${MAX_DEPTH} levels`);
    this.skip();
    const { line, at: from } = this;
    const value = this.content(depth);
    return { line, value, from, to: this.at };
  }

  private content(depth: number): Located["value"] {
    const first = this.text[this.at];
    if (first === "{") return this.map(depth);
    if (first === "[") return this.list(depth);
    if (first === '"') return this.string();
    SCALAR.lastIndex = this.at;
    const [token = ""] = SCALAR.exec(this.text) ?? [];
    this.at += token.length;
    return this.parsed(token) as null | boolean | number;
  }

  private map(depth: number): Map<string, Located> {
    const members = new Map<string, Located>();
    this.each("}", () => {
      this.skip();
      const named = this.line;
      const name = this.string();
      this.skip();
      this.take(":");
      const read = this.value(depth + 1);
      members.set(name, read.line === named ? read : { ...read, named });
    });
    return members;
  }

  private list(depth: number): Located[] {
    const items: Located[] = [];
    this.each("]", () => items.push(this.value(depth + 1)));
    return items;
  }

  /** Reads items separated by commas, up to the closing mark. */
  private each(close: string, item: () => void): void {
    this.at += 1;
    this.skip();
    if (this.text[this.at] !== close)
      for (;;) {
        item();
        this.skip();
        if (this.text[this.at] !== ",") break;
        this.at += 1;
      }
    this.take(close);
  }

  private string(): string {
    const start = this.at;
    this.take('"');
    while (this.at < this.text.length && this.text[this.at] !== '"') this.at += this.text[this.at] === "\\" ? 2 : 1;
    this.take('"');
    return this.parsed(this.text.slice(start, this.at)) as string;
  }

  private take(mark: string): void {
    if (this.text[this.at] !== mark) throw this.broken();
    this.at += 1;
  }

  private parsed(token: string): unknown {
    try {
      return JSON.parse(token);
    } catch {
      throw this.broken();
    }
  }

  private skip(): void {
    BLANK.lastIndex = this.at;
    const [blank = ""] = BLANK.exec(this.text) ?? [];
    for (const mark of blank) if (mark === "\n") this.line += 1;
    this.at += blank.length;
  }

  private broken(): NotJson {
    const where = this.at >= this.text.length ? "it breaks off" : `line ${this.line} is broken`;
    return new NotJson(`is not valid JSON: ${where}`);
  }
}
