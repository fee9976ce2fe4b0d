import { bucketUrl } from "../../core/storage/s3/bucketUrl.ts";
import { type Finding, fsck } from "../../core/upkeep/fsck.ts";
import type { CliConfig } from "../config.ts";
import { EXIT } from "../failure.ts";
import type { Io } from "../io.ts";

/** What a bucket does not hold, and a look at it does not tell. */
const OWN_CACHES = "not the caches of each machine";

/** Verifies the state folder, or the bucket that holds the state; needs no Temporal. Exits 1 when something is damaged. */
export async function fsckCommand(config: CliConfig, io: Io): Promise<void> {
  const { artifacts: s3, home } = config;
  const report = s3 ? await (await import("../../core/upkeep/bucket.ts")).fsckBucket(s3) : await fsck(home);
  const place = s3 ? bucketUrl(s3) : home;
  const { artifacts, releases, ledger, steps, segments } = report.checked;
  io.result({ ...(s3 ? { bucket: place } : { home }), ...report }, () =>
    [
      `${place}: ${artifacts} artifacts, ${releases} releases, ${ledger} ledger entries, ${steps} step records, ${s3 ? OWN_CACHES : `${segments} cache segments`}`,
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
