/**
 * Wall time of each stage, peak memory of the largest process, and the evaluation table of one pipeline run:
 *   npm run bench:pipeline -- --docs PATH [--questions FILE] [--budget MINUTES]
 * Give an empty WINNOW_HOME for a cold run. Memory is read with `ps` (Linux, macOS).
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { renderEvaluation, renderGate } from "../cli/renderEvaluation.ts";
import { printable } from "../cli/style.ts";
import { table } from "../cli/table.ts";
import { runWinnow } from "./runWinnow.ts";

interface Peak {
  name: string;
  megabytes: number;
}

/** Adds the resident set of every descendant of `root` to the peaks so far. */
function sample(root: number, peaks: Map<number, Peak>): void {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,rss=,args="], { encoding: "utf8", maxBuffer: 1 << 24 }).split(
    "\n",
  );
  const processes = lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), rss: Number(match[3]), args: match[4]! }] : [];
  });
  const inside = new Set([root]);
  for (let grown = true; grown; ) {
    const before = inside.size;
    for (const { pid, parent } of processes) if (inside.has(parent)) inside.add(pid);
    grown = inside.size > before;
  }
  for (const { pid, rss, args } of processes) {
    if (!inside.has(pid)) continue;
    const megabytes = rss / 1024;
    if (megabytes > (peaks.get(pid)?.megabytes ?? 0)) peaks.set(pid, { name: shortName(args), megabytes });
  }
}

function shortName(args: string): string {
  return args
    .split(" ")
    .filter((part) => /\.(m?[tj]s)$|temporal$|^(server|ingest|embed|build|train|evaluate|prepare)/.test(part))
    .map((part) => part.split("/").slice(-2).join("/"))
    .join(" ");
}

const peaks = new Map<number, Peak>();
let timer: NodeJS.Timeout | undefined;
const result = await runWinnow(process.argv.slice(2), {}, (pid) => {
  timer = setInterval(() => sample(pid, peaks), 1000);
});
clearInterval(timer);
const total = result.stages.reduce((sum, stage) => sum + stage.seconds, 0);
console.log(`${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log(
  table(
    ["stage", "seconds", "what"],
    [
      ...result.stages.map((s) => [s.name, s.seconds.toFixed(1), s.skipped ? `skipped: ${s.why}` : s.summary]),
      ["all", total.toFixed(1), ""],
    ],
  ),
);
console.log(
  `\n${table(
    ["peak MB", "process"],
    [...peaks.values()]
      .sort((a, b) => b.megabytes - a.megabytes)
      .slice(0, 6)
      .map((p) => [p.megabytes.toFixed(0), p.name]),
  )}\n`,
);
if (result.evaluation) console.log(renderEvaluation(result.evaluation, { verbose: true }));
if (result.gate) console.log(`\n${printable(renderGate(result.gate), false)}`);
