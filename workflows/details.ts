import type { ChosenModels } from "../contracts/models.ts";
import { STAGES, type StageName } from "../contracts/names.ts";
import type { CorpusChanges, FirstRelease, SourceVersion, StageReport } from "../contracts/pipeline.ts";

/** State of a run, as shown in its details. */
export interface RunState {
  corpus: string;
  docs: string;
  /** The models that the input names. */
  models: ChosenModels;
  /** Running stage and its latest note. */
  current: StageName | null;
  note: string | null;
  /** Last requested stage. */
  last: StageName;
  reports: readonly StageReport[];
  paused: boolean;
  /** The unavailable store that the run waits for, or null. */
  waiting: string | null;
  source: SourceVersion | null;
  changes: CorpusChanges | null;
  first: FirstRelease | null;
  plan: { train: boolean; why: string } | null;
  /** Path or URL of the evaluation's report, once it exists. */
  place: string | null;
}

/** Longest row of a stage, in characters. */
const ROW_CHARACTERS = 500;

/** Renders a run as Markdown for the Web UI, with one row per stage. */
export function runDetails(state: RunState): string {
  const { corpus, docs, models, last, paused, waiting, source, changes, first, plan, place } = state;
  const rows = STAGES.slice(0, STAGES.indexOf(last) + 1).map((name) => stageRow(name, state));
  const pause = paused ? "Paused: send the signal `resume` to go on.\n\n" : "";
  const wait = waiting ? `**Waiting.** ${waiting}\n\n` : "";
  const table = ["| stage | state | seconds | what |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const version = source ? ` (${source.kind} ${source.version.slice(0, 12)})` : "";
  const news = changes ? `\n\n${pageDiff(changes)}${examplesOf(changes)}` : "";
  const decision = plan ? `\n\n${plan.train ? "Training" : "Index only"}: ${plan.why}.` : "";
  const about = `Corpus **${corpus}** from \`${docs}\`${version}${chosenLine(models)}${news}${firstLine(first)}${decision}`;
  return `${pause}${wait}${about}\n\n${table}${place === null ? "" : `\n\nReport: \`${place}\``}`;
}

function chosenLine(models: ChosenModels): string {
  const named = (["embedder", "reranker"] as const).flatMap((role) => {
    const chosen = models[role];
    return chosen ? [`${role} \`${chosen.name}\` (${chosen.artifact.sha256.slice(0, 12)})`] : [];
  });
  return named.length > 0 ? `, ${named.join(", ")}` : "";
}

function firstLine(first: FirstRelease | null): string {
  if (first === null) return "";
  const { release, why } = first;
  return release
    ? `\n\nServed release \`${release}\` before measuring: ${why}.`
    : `\n\nNothing serves before the gate: ${why}.`;
}

function stageRow(name: StageName, { reports, current, note }: RunState): string {
  const report = reports.find((done) => done.name === name);
  if (!report) return current === name ? `| ${name} | running | | ${note ?? ""} |` : `| ${name} | | | |`;
  const what = report.skipped ? report.why : `${report.summary} (${report.why})`;
  const shown = what.replaceAll("|", "/").slice(0, ROW_CHARACTERS);
  return `| ${name} | ${report.skipped ? "skipped" : "done"} | ${report.seconds.toFixed(1)} | ${shown} |`;
}

/** Summarises the pages and passages that differ from the champion's in one line. */
export function pageDiff({ pages, passages, against }: CorpusChanges): string {
  return `pages against release ${against}: ${pages.added} added, ${pages.changed} changed, ${pages.removed} removed (${passages.fresh} of ${passages.total} passages new)`;
}

function examplesOf({ examples }: CorpusChanges): string {
  const lists = (["added", "changed", "removed"] as const).filter((kind) => examples[kind].length > 0);
  return lists.map((kind) => `\n- ${kind}: ${examples[kind].map((page) => `\`${page}\``).join(", ")}`).join("");
}
