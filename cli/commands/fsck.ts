import { verify } from "../../client/fsck.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Finding } from "../../core/upkeep/fsckReport.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";

/** A bucket holds no caches, so its check covers none. */
const OWN_CACHES = "not the caches of each machine";

/** `winnow fsck`; exits 1 when something is damaged. */
export async function fsckCommand(config: CliConfig, io: Io): Promise<void> {
  const report = await verify(config);
  const { artifacts, releases, ledger, steps, segments, records } = report.checked;
  const [place, caches] =
    "bucket" in report ? [report.bucket, OWN_CACHES] : [report.home, `${segments} cache segments`];
  io.result(report, () =>
    [
      `${place}: ${artifacts} artifacts, ${releases} releases, ${ledger} ledger entries, ${steps} step records, ${records} records of answers and votes, ${caches}`,
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
