const INDENT = 4;
const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/;
const RULE = /^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const HEADING = /^[ \t]*#{1,6}(?:\s|$)/;
const FOOTNOTE = /^\[\^[^\]]+\]:/;

/** Marks of quotes and list items that a line may open with, for a regular expression. */
export const CONTAINERS = String.raw`(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])))*[ \t]*`;

/** Column of a line's first mark; a tab reaches to the next multiple of four. */
export function columnOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === " ") column++;
    else if (character === "\t") column += INDENT - (column % INDENT);
    else break;
  }
  return column;
}

/** What a line holds below one that opens with these marks of quotes and list items; `null` where it lies outside them. */
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

/** Column at which text after these marks stands. */
function widthOf(marks: string): number {
  return columnOf(marks.replace(/\S/g, " "));
}

/** Tells indented code: lines four columns right of the list item or page they stand in, after a blank line. */
export class IndentedCode {
  /** Columns of the text of open list items. */
  private readonly items: number[] = [];
  private atStart = true;
  private open = false;

  /** True where the next line is code. Lines come as Markdown reads them, those of fenced code left out. */
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
      // More than four columns of space are code in the item.
      const wide = space.length > INDENT || line.trim() === marks.trim();
      this.items.push(widthOf(marks) + (wide ? 1 : columnOf(space)));
      if (wide) return;
      marks += space;
    }
  }
}
