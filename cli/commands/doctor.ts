import { diagnose } from "../../client/doctor.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Check } from "../../core/upkeep/doctor.ts";
import { EXIT } from "../exit.ts";
import type { Io } from "../io.ts";

const MARKS = { ok: "✔", degraded: "○", missing: "✘" } as const;

/** `winnow doctor`; exits 1 when something is missing. */
export async function doctorCommand(config: CliConfig, io: Io): Promise<void> {
  const diagnosis = await diagnose(config);
  io.result(diagnosis, () => diagnosis.checks.map(line).join("\n"));
  if (!diagnosis.healthy) process.exitCode = EXIT.failed;
}

function line({ name, status, detail, fix }: Check): string {
  return `${MARKS[status]} ${name.padEnd(15)} ${detail}${fix ? `\n  → ${fix}` : ""}`;
}
