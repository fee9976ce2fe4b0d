/**
 * Seconds of each stage of a full run and of a run after 1 % of the pages changed, and their ratio:
 *   npm run bench:incremental -- --docs FOLDER|ARCHIVE [--questions FILE] [--budget MINUTES] [--share 0.01]
 * Works on a copy of the docs, in the given WINNOW_HOME: with an empty one, the first run is a cold run.
 */
import { spawn } from "node:child_process";
import { appendFile, cp, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { extract } from "tar";
import { table } from "../cli/table.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";

const { values } = parseArgs({
  options: {
    docs: { type: "string" },
    questions: { type: "string" },
    budget: { type: "string", default: "20" },
    share: { type: "string", default: "0.01" },
  },
});
if (!values.docs) throw new Error("--docs FOLDER or ARCHIVE is required: the docs to index.");

/** Copies the docs to a folder that may be changed; `root` is the folder of their pages. */
async function copyOf(docs: string): Promise<{ folder: string; root: string }> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-incremental-"));
  if ((await stat(docs)).isDirectory()) await cp(docs, folder, { recursive: true });
  else await extract({ file: docs, cwd: folder });
  for (let root = folder; ; ) {
    const entries = await readdir(root, { withFileTypes: true });
    if (entries.length !== 1 || !entries[0]!.isDirectory()) return { folder, root };
    root = join(root, entries[0]!.name);
  }
}

/** Adds a section to this share of the pages, evenly spread; returns the number of pages. */
async function change(folder: string, share: number): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const pages = entries
    .filter((entry) => entry.isFile() && /\.mdx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  const wanted = Math.max(1, Math.round(pages.length * share));
  for (let n = 0; n < wanted; n++) {
    const page = pages[Math.floor(((n + 0.5) * pages.length) / wanted)]!;
    await appendFile(page, `\n\n## Changed for the benchmark\n\nRemark ${n} was not in the page before.\n`);
  }
  return wanted;
}

/** Runs the command once; its wall time includes the start of server and workers. */
async function run(docs: string): Promise<{ result: PipelineResult; wall: number }> {
  const winnow = fileURLToPath(new URL("../cli/winnow.mjs", import.meta.url));
  const { questions, budget } = values;
  const more = [...(questions ? ["--questions", questions] : []), "--budget", budget, "--name", "incremental"];
  const started = performance.now();
  const child = spawn(process.execPath, [winnow, "run", "--docs", docs, ...more, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((settle) => child.once("close", settle));
  if (code !== 0) throw new Error(`winnow run ended with exit code ${code}: ${output}`);
  return { result: JSON.parse(output), wall: (performance.now() - started) / 1000 };
}

const { folder, root } = await copyOf(values.docs);
try {
  const load = () => loadavg()[0]!.toFixed(1);
  const before = load();
  const full = await run(root);
  const between = load();
  const changed = await change(root, Number(values.share));
  const update = await run(root);
  const of = ({ result }: typeof full, name: string) => result.stages.find((s) => s.name === name)?.seconds ?? 0;
  const total = ({ result }: typeof full) => result.stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const row = (name: string, a: number, b: number) => [
    ...[name, a.toFixed(1), b.toFixed(1)],
    a === 0 ? "" : `${((100 * b) / a).toFixed(1)} %`,
  ];
  const rows = full.result.stages.map(({ name }) => row(name, of(full, name), of(update, name)));
  rows.push(row("all stages", total(full), total(update)), row("whole command", full.wall, update.wall));
  console.log(`${availableParallelism()} x ${cpus()[0]!.model}; load ${before}, ${between}, ${load()}`);
  console.log(`${changed} pages changed; ${update.result.retrain?.why ?? update.result.reason}\n`);
  console.log(table(["stage", "full (s)", "update (s)", "ratio"], rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}
