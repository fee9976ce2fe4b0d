import { WinnowError } from "../base/errors.ts";
import type { Promotion } from "./champions.ts";

/** A release that served a corpus, and until when; `until` is null while it serves. */
export interface Serving extends Promotion {
  until: string | null;
}

/** The release that served each corpus at a moment, from a ledger with the oldest entry first. */
export function servedAt(ledger: readonly Promotion[], moment: Date): Serving[] {
  const corpora = [...new Set(ledger.map(({ corpus }) => corpus))].sort();
  return corpora.flatMap((corpus) => {
    const entries = ledger.filter((entry) => entry.corpus === corpus);
    const last = entries.findLastIndex(({ at }) => Date.parse(at) <= moment.getTime());
    return last < 0 ? [] : [{ ...entries[last]!, until: entries[last + 1]?.at ?? null }];
  });
}

/**
 * The champions of one corpus that a rollback can return to; the last one serves. A rollback removes the champion it
 * replaces, so a second rollback goes further back instead of forward.
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

/**
 * Parses an ISO 8601 time, with `T` or a space before the hours. Without an offset it is UTC, as everywhere in Winnow.
 * Throws BadInput.
 */
export function parseMoment(text: string): Date {
  const [, date, time = "00:00", offset = "Z"] = MOMENT.exec(text.trim()) ?? [];
  const moment = new Date(`${date}T${time}${offset.toUpperCase()}`);
  if (date && !Number.isNaN(moment.getTime())) return moment;
  throw new WinnowError(
    "BadInput",
    `${JSON.stringify(text)} is not a time: use the form 2026-11-22T10:00 (UTC), or add an offset`,
  );
}
