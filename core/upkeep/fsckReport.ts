import type { PayloadKeys } from "../base/payloadKeys.ts";
import type { Records } from "../storage/records.ts";
import { unreadableRecords } from "./keptRecords.ts";

const NEWER = "none here: run `winnow fsck` of that version, which can check it";

/** One problem of a state folder. */
export interface Finding {
  /**
   * `damaged`: data was lost. `harmless`: Winnow does not need it, creates it again by itself, or only a newer version
   * reads it.
   */
  severity: "damaged" | "harmless";
  path: string;
  problem: string;
  remedy: string;
  /** Releases that need the file. */
  releases: string[];
}

/** Adds a finding. Default of `releases`: none. */
export type Report = (finding: Omit<Finding, "releases"> & { releases?: string[] }) => void;

/** The finding on what a newer version wrote, whose files are not checked. @param problem as `formatProblem` describes it */
export function newerFinding(path: string, problem: string, releases: string[] = []): Finding {
  return { severity: "harmless", path, problem, remedy: NEWER, releases };
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
  const found = unreadable.map(({ path, problem, whole }): Finding => {
    if (whole === "newer") return newerFinding(path, problem);
    if (whole === "locked")
      return { severity: "harmless", path, problem, remedy: "set the key with which it was written", releases: [] };
    const remedy = "restore it from a backup, or delete it: nothing else needs it";
    return { severity: "damaged", path, problem, remedy, releases: [] };
  });
  const findings = [...report.findings, ...found];
  const clean = findings.every(({ severity }) => severity !== "damaged");
  return { clean, checked: { ...report.checked, records }, findings };
}
