import type { RunPolicy } from "../client/run.ts";
import type { NamedOptions, OptionDifference } from "../client/runOptions.ts";
import type { OpenRun, Run } from "../client/runs.ts";
import { table } from "./table.ts";
import { relativeTo } from "./times.ts";

/** Formats how an open run is dealt with. */
export function renderOpenRun(
  { workflowId, corpus, started, cancelling, options }: Omit<OpenRun, "input">,
  { whenOpen, differences }: Pick<RunPolicy, "whenOpen"> & { differences: OptionDifference[] },
): string {
  const run = `Run ${workflowId} of corpus ${corpus}, started ${relativeTo(started)}`;
  if (cancelling) return `${run}, is being cancelled. A new run starts when it has ended.`;
  if (whenOpen === "replace") return `${run}, is cancelled. A new run starts when it has ended.`;
  const lines = [`${run}, is open. Following it to its end.`, `  Its options:   ${typed(options)}`];
  if (differences.length === 0) return lines.join("\n");
  const other = differences.map(
    ({ option, open, asked }) => `${option} ${open ?? "by default"}, not ${asked ?? "the default"}`,
  );
  return [...lines, `  Unlike yours:  ${other.join("; ")}. \`--replace\` cancels this run and starts yours.`].join(
    "\n",
  );
}

/** Formats open and recent runs as a table. */
export function renderRuns(runs: Run[], columns?: number): string {
  if (runs.length === 0) return "No run yet. `npx winnow run --docs PATH` starts one.";
  const rows = runs.map((run) => [
    run.workflowId,
    run.corpus ?? "",
    state(run),
    relativeTo(run.started),
    typed(run.options),
  ]);
  return table(["run", "corpus", "state", "started", "options"], rows, columns);
}

function state({ status, outcome, stage }: Run): string {
  if (status === "running") return stage ? `open, ${stage}` : "open";
  return status === "completed" ? (outcome ?? status) : status;
}

/** The options as they are typed. */
function typed(options: NamedOptions): string {
  return Object.entries(options)
    .map(([name, value]) => `--${name} ${/\s/.test(value) && name !== "force" ? JSON.stringify(value) : value}`)
    .join(" ");
}
