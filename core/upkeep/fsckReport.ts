import type { PayloadKeys } from "../base/payloadKeys.ts";
import type { Records } from "../storage/records.ts";
import { unreadableRecords } from "./keptRecords.ts";

/** The remedy for what a newer version wrote. */
export const NEWER = "none here: nothing is damaged for the version that wrote it";

/** One problem of a state folder. */
export interface Finding {
  /** `damaged`: data was lost. `harmless`: Winnow does not need it, or creates it again by itself. */
  severity: "damaged" | "harmless";
  path: string;
  problem: string;
  remedy: string;
  /** Releases that need the file. */
  releases: string[];
}

export interface FsckReport {
  clean: boolean;
  checked: { artifacts: number; releases: number; ledger: number; steps: number; segments: number; records: number };
  findings: Finding[];
}

/** A report on artifacts, releases, ledger and caches alone. */
export type ReportWithoutRecords = Omit<FsckReport, "checked"> & { checked: Omit<FsckReport["checked"], "records"> };

/** The report with the records of answers and votes. One whose key is not set here is no damage. */
export async function withRecords(
  report: ReportWithoutRecords,
  kept: Records,
  keys: PayloadKeys | null,
): Promise<FsckReport> {
  const { checked: records, unreadable } = await unreadableRecords(kept, keys);
  const found = unreadable.map(({ path, problem, whole }) => ({
    ...{ path, problem, releases: [] },
    severity: whole === null ? ("damaged" as const) : ("harmless" as const),
    remedy:
      whole === null
        ? "restore it from a backup, or delete it: nothing else needs it"
        : { locked: "set the key with which it was written", newer: NEWER }[whole],
  }));
  const findings = [...report.findings, ...found];
  const clean = findings.every(({ severity }) => severity !== "damaged");
  return { clean, checked: { ...report.checked, records }, findings };
}
