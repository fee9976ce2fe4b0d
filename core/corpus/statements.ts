/** Lines that one tag or statement of MDX may stand on. */
const MAX_LINES = 60;
const TAG = /^\s*<[A-Z][A-Za-z0-9.]*[a-z][A-Za-z0-9.]*(?=\s|$)/;
const IMPORT = /^import\s[\w{}*,\s$]+\sfrom\s+["'][^"']+["'];?\s*$/;
/** One statement holds no other. */
const STATEMENT = /^(?:import|export)\s/;
const EXPORT = /^export\s+(?:const|default|function)\s/;

/** Number of lines from `at` on that are one tag, import or export of MDX; 1 where the line stands by itself. */
export function statementLines(lines: string[], at: number): number {
  const first = lines[at]!;
  const tag = TAG.exec(first);
  if (tag) return linesUntil(lines, at, tag[0].length, ">");
  if (/^import\s/.test(first)) return importLines(lines, at);
  const opening = EXPORT.test(first) ? first.search(/[{[]/) : -1;
  return opening < 0 ? 1 : linesUntil(lines, at, opening, "");
}

/** The lines of a statement as one, at the first one's indentation. */
export function joined(lines: string[]): string {
  const [first = "", ...rest] = lines;
  return [first.trimEnd(), ...rest.map((line) => line.trim())].join(" ");
}

function importLines(lines: string[], at: number): number {
  for (let count = 1; count <= MAX_LINES; count++) {
    const line = lines[at + count - 1];
    if (!line?.trim() || (count > 1 && STATEMENT.test(line))) return 1;
    if (/["'];?\s*$/.test(line)) return IMPORT.test(joined(lines.slice(at, at + count))) ? count : 1;
  }
  return 1;
}

/** Lines up to the one where all quotes and brackets are closed and `mark`, if any, stands; 1 where there is no such line. */
function linesUntil(lines: string[], at: number, from: number, mark: string): number {
  const open: string[] = [];
  let quote = "";
  for (let count = 1; count <= MAX_LINES; count++) {
    const line = lines[at + count - 1];
    if (!line?.trim() || (count > 1 && STATEMENT.test(line))) return 1;
    for (const character of line.slice(count === 1 ? from : 0)) {
      if (quote !== "") quote = character === quote ? "" : quote;
      else if (/["'`]/.test(character)) quote = character;
      else if (/[{[(]/.test(character)) open.push(character);
      else if (/[}\])]/.test(character)) open.pop();
      else if (open.length === 0 && character === mark) return count;
    }
    if (mark === "" && quote === "" && open.length === 0) return count;
  }
  return 1;
}
