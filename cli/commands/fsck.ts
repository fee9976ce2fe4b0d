import { type Finding, fsck } from "../../core/upkeep/fsck.ts";
import type { CliConfig } from "../config.ts";
import { EXIT } from "../failure.ts";
import type { Io } from "../io.ts";
import { stateFolder } from "../open.ts";

/** Verifies the state folder; needs no Temporal. Exits 1 when something is damaged. */
export async function fsckCommand(config: CliConfig, io: Io): Promise<void> {
  const report = await fsck(stateFolder(config));
  const { artifacts, releases, ledger, steps, segments } = report.checked;
  io.result({ home: config.home, ...report }, () =>
    [
      `${config.home}: ${artifacts} artifacts, ${releases} releases, ${ledger} ledger entries, ${steps} step records, ${segments} cache segments`,
      ...report.findings.flatMap(describe),
      report.clean ? "Clean: every digest and reference holds." : "Damaged: see above.",
    ].join("\n"),
  );
  if (!report.clean) process.exitCode = EXIT.failed;
}

function describe({ severity, path, problem, remedy, releases }: Finding): string[] {
  const needed = releases.length > 0 ? ` (release ${releases.join(", ")})` : "";
  return [`${severity === "damaged" ? "✘" : "·"} ${severity}: ${path}${needed}`, `    ${problem}`, `    ${remedy}`];
}
