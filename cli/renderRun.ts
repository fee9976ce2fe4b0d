import { artifactPlace } from "../client/artifactPlace.ts";
import type { Places } from "../client/settings.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";
import { REPORT_FILE } from "../core/artifacts/evaluation.ts";
import { labelled } from "./labelled.ts";
import { qualityInWords } from "./quality.ts";
import { renderChanges } from "./renderChanges.ts";
import { renderEvaluation, renderGate } from "./renderEvaluation.ts";
import { bold, cyan, green, yellow } from "./style.ts";

export interface RunView {
  /** Adds the page diff, the whole ladder and the gate's criteria. */
  verbose?: boolean;
  columns?: number;
}

/** Formats the result of a run in three lines: what serves and why, its quality, and the report. `places` locates artifacts. */
export function renderRun(result: PipelineResult, places: Places, { verbose, columns }: RunView = {}): string {
  if (result.status === "already running")
    return `A run of corpus ${result.corpus} is already under way: ${result.workflowId}`;
  const { evaluation, gate, artifacts } = result;
  const statistics = verbose ? statisticsOf(result, columns) : [];
  if (isRepetition(result)) return [...statistics, repetition(result)].join("\n");
  if (result.release === null) return [...statistics, result.reason].join("\n");
  const lines = [...statistics, labelled("Release", verdict(result, result.release))];
  if (evaluation) lines.push(labelled("Quality", qualityInWords(evaluation, gate?.ranking ?? "reranked")));
  if (artifacts.evaluate) lines.push(labelled("Report", cyan(artifactPlace(places, artifacts.evaluate, REPORT_FILE))));
  if (artifacts.train && verbose) lines.push(labelled("Model", cyan(artifactPlace(places, artifacts.train))));
  return lines.join("\n");
}

function statisticsOf({ changes, evaluation, gate }: PipelineResult, columns?: number): string[] {
  const parts: string[] = [];
  if (changes) parts.push(renderChanges(changes), "");
  if (evaluation) parts.push(renderEvaluation(evaluation, { ranking: gate?.ranking, verbose: true, columns }), "");
  if (gate) parts.push(renderGate(gate), "");
  return parts;
}

/** True if every stage up to the release took its result from an earlier run. */
function isRepetition({ status, stages, release }: PipelineResult): boolean {
  if (status === "unchanged") return true;
  return release !== null && stages.length > 0 && stages.every(({ name, skipped }) => skipped || name === "deploy");
}

function repetition({ release, corpus, promoted, reason }: PipelineResult): string {
  if (release === null) return reason;
  const state = promoted ? "still serves" : "is still kept back";
  return `Nothing changed since the last run: release ${bold(release)} of ${corpus} ${state}.`;
}

function verdict({ corpus, promoted, approval, gate, reason }: PipelineResult, release: string): string {
  const named = `${bold(release)} of ${corpus}`;
  const why = gate?.reason ?? reason;
  if (approval)
    return `${named} ${yellow("waits for a person")}: \`npx winnow releases approve --corpus ${corpus}\`, or reject.`;
  return promoted ? `${named} ${green("serves now")}: ${why}.` : `${named} ${yellow("is kept, not promoted")}: ${why}.`;
}
