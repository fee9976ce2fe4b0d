import { formatProblem } from "../base/storedFormat.ts";
import type { Promotion } from "../storage/champions.ts";
import { entryProblem } from "../storage/ledgerEntry.ts";
import { newerFinding, type Report } from "./fsckReport.ts";
import { type Inventory, isNumbered, type StoredRecord } from "./inventory.ts";

const REMEDY =
  "restore the file from a backup; the corpus does not serve while an entry is damaged. Without a backup, move the file away: the entry before it serves again, and `npx winnow releases promote ID` sets another release";

/** Reports damaged entries of the ledgers, and those of a newer version. */
export function checkLedger({ ledger, releases }: Pick<Inventory, "ledger" | "releases">, report: Report): void {
  const known = new Map(releases.map(({ id, value }) => [id, readable(value)?.corpus ?? null]));
  for (const [corpus, entries] of ledger)
    entries.forEach((entry, at) => {
      const newer = formatProblem(entry.value);
      if (newer !== null) report(newerFinding(entry.file, newer));
      const problem = numberProblem(entry, at) ?? (newer === null ? problemOf(corpus, entries, at, known) : null);
      if (problem !== null) report({ severity: "damaged", path: entry.file, problem, remedy: REMEDY });
    });
}

function problemOf(
  corpus: string,
  entries: readonly StoredRecord<Promotion>[],
  at: number,
  known: Map<string, string | null>,
): string | null {
  const { value } = entries[at]!;
  return (
    entryProblem(value, corpus) ?? referenceProblem(value!, corpus, readable(entries[at - 1]?.value ?? null), known)
  );
}

/** The value, or null if a newer version wrote it. */
function readable<T>(value: T | null): T | null {
  return formatProblem(value) === null ? value : null;
}

function numberProblem({ file }: StoredRecord<Promotion>, at: number): string | null {
  return isNumbered(file, at) ? null : `follows a gap: entry ${at + 1} is missing`;
}

/** @param known corpus of each release; null for one that cannot be read */
function referenceProblem(
  { release, replaced }: Promotion,
  corpus: string,
  before: Promotion | null,
  known: Map<string, string | null>,
): string | null {
  if (before !== null && replaced !== before.release)
    return `names ${replaced} as replaced, but ${before.release} served`;
  const owner = known.get(release);
  if (owner === undefined) return `names release ${release}, which does not exist`;
  return owner === null || owner === corpus ? null : `names release ${release}, which is one of corpus ${owner}`;
}
