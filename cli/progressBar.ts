import { dim, green } from "./style.ts";
import { remaining } from "./times.ts";
import { widthOf } from "./wrap.ts";

const CELLS = [20, 10];

/** Progress of one piece of work. */
export interface Progress {
  step: number;
  of: number;
  note?: string;
  /** Seconds left, if the note does not give them. */
  left?: number | null;
}

/** A bar with count, time left and note. Where the line is short, the bar shrinks, then whole parts are left out. */
export function progressBar({ step, of, note = "", left = null }: Progress, columns: number): string {
  // A step of one, such as a wait for a lock, has nothing to measure.
  if (of <= 1) return note;
  const count = hasCount(note, step, of) ? "" : `${step}/${of}`;
  const counted = `${count} ${note}`.trim();
  const time = left === null || /\bleft\b/.test(note) ? "" : remaining(left);
  for (const parts of [[time, counted], [time, count], [time || count]])
    for (const cells of CELLS) {
      const line = [bar(step / of, cells), ...parts.filter(Boolean)].join("  ");
      if (widthOf(line) <= columns) return line;
    }
  return bar(step / of, CELLS.at(-1)!);
}

/** Progress as a line of a log: `370 of 1456 passages`. */
export function plainProgress({ step, of, note = "" }: Progress): string {
  return hasCount(note, step, of) ? note : `${step} of ${of} ${note}`.trim();
}

function hasCount(note: string, step: number, of: number): boolean {
  return note.includes(`${step} of ${of}`);
}

function bar(share: number, cells: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `${green("█".repeat(filled))}${dim("░".repeat(cells - filled))} ${`${Math.floor(100 * Math.min(1, share))} %`.padStart(5)}`;
}
