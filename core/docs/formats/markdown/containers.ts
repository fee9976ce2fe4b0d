const INDENT = 4;
const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/;
const RULE = /^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const HEADING = /^[ \t]*#{1,6}(?:\s|$)/;
const FOOTNOTE = /^\[\^[^\]]+\]:/;

/** Regular expression for the marks of quotes and list items at the start of a line. */
export const CONTAINERS = String.raw`(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])))*[ \t]*`;

/** Column of a line's first mark. A tab extends to the next multiple of four. */
export function columnOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === " ") column++;
    else if (character === "\t") column += INDENT - (column % INDENT);
    else break;
  }
  return column;
}

/** Content of a line below one that opens with these marks of quotes and list items; `null` for a line outside them. */
export function insideOf(marks: string): (line: string) => string | null {
  const quotes = marks.split(">").length - 1;
  const quote = new RegExp(`^(?:[ \\t]*>){${quotes}}`);
  const items = marks.slice(marks.lastIndexOf(">") + 1);
  const column = items.trim() === "" ? 0 : widthOf(items);
  return (line) => {
    if (!quote.test(line)) return null;
    const rest = line.replace(quote, "");
    return rest.trim() === "" || columnOf(rest) >= column ? rest : null;
  };
}

/** Column of the text after these marks. */
function widthOf(marks: string): number {
  return columnOf(marks.replace(/\S/g, " "));
}

/** Finds indented code: lines four columns right of their list item or page, after a blank line. */
export class IndentedCode {
  /** Text columns of open list items. */
  private readonly items: number[] = [];
  private atStart = true;
  private open = false;

  /** True if the next line is code. Call it for each line from top to bottom, except in fenced code. */
  holds(line: string): boolean {
    if (line.trim() === "") {
      this.atStart = true;
      return false;
    }
    const column = columnOf(line);
    const isItem = ITEM.test(line) && !RULE.test(line);
    const mayOpen = this.atStart || this.open;
    if (mayOpen || isItem || RULE.test(line) || HEADING.test(line))
      while (this.items.length > 0 && column < this.items.at(-1)!) this.items.pop();
    this.open = mayOpen && column >= (this.items.at(-1) ?? 0) + INDENT;
    this.atStart = false;
    if (!this.open && isItem) this.enter(line);
    if (FOOTNOTE.test(line)) this.items.push(INDENT);
    return this.open;
  }

  private enter(line: string): void {
    let marks = "";
    for (let rest = line; ITEM.test(rest); rest = line.slice(marks.length)) {
      marks += ITEM.exec(rest)![0];
      const space = /^[ \t]*/.exec(line.slice(marks.length))![0];
      // After more than four spaces, the rest is code in the item.
      const wide = space.length > INDENT || line.trim() === marks.trim();
      this.items.push(widthOf(marks) + (wide ? 1 : columnOf(space)));
      if (wide) return;
      marks += space;
    }
  }
}
