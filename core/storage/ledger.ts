import { WinnowError } from "../base/errors.ts";
import type { Promotion } from "./champions.ts";

/** What served a corpus at some moment, and until when; `until` is null while it serves. */
export interface Serving extends Promotion {
  until: string | null;
}

/** What served each corpus of a ledger (oldest entry first) at a moment. */
export function servedAt(ledger: readonly Promotion[], moment: Date): Serving[] {
  const corpora = [...new Set(ledger.map(({ corpus }) => corpus))].sort();
  return corpora.flatMap((corpus) => {
    const entries = ledger.filter((entry) => entry.corpus === corpus);
    const last = entries.findLastIndex(({ at }) => Date.parse(at) <= moment.getTime());
    return last < 0 ? [] : [{ ...entries[last]!, until: entries[last + 1]?.at ?? null }];
  });
}

/**
 * Champions of one corpus a rollback can go back through, the one that serves last. A rollback takes off what it rolled
 * back, so that a second one goes further back and not forward again.
 */
export function championStack(ledger: readonly Promotion[]): string[] {
  const stack: string[] = [];
  for (const { release, kind } of ledger) {
    const below = kind === "rollback" ? stack.lastIndexOf(release) : -1;
    if (below >= 0) stack.length = below + 1;
    else stack.push(release);
  }
  return stack;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** A moment given as ISO 8601, `T` or a space before the time; without an offset it is UTC, as all times here are. Throws BadInput. */
export function parseMoment(text: string): Date {
  const [, date, time = "00:00", offset = "Z"] = MOMENT.exec(text.trim()) ?? [];
  const moment = new Date(`${date}T${time}${offset.toUpperCase()}`);
  if (date && !Number.isNaN(moment.getTime())) return moment;
  throw new WinnowError(
    "BadInput",
    `${JSON.stringify(text)} is no time: give one as 2026-11-22T10:00 (UTC) or with an offset`,
  );
}
