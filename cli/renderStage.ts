import type { StageReport } from "../contracts/pipeline.ts";
import { FIRST_RUN } from "../core/storage/stepCache.ts";
import { bold, dim, green, HANG } from "./style.ts";

const NAME = 11;
const SECONDS = 8;

/** Formats a finished stage: its counts, and why it ran again or was skipped. */
export function renderStage({ name, skipped, why, seconds, summary }: StageReport): string {
  const time = `${seconds.toFixed(1)} s`.padStart(SECONDS);
  const again = why.startsWith(FIRST_RUN) ? "" : dim(` (${why})`);
  const what = skipped ? dim(`skipped: ${why}`) : `${summary}${again}`;
  return `  ${skipped ? dim("○") : green("✔")} ${bold(name.padEnd(NAME))} ${time}  ${HANG}${what}`;
}
