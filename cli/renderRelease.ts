import { type ComparedRelease, partsOf, type ReleaseComparison } from "../client/releaseComparison.ts";
import type { ServedRelease, ShownRelease } from "../client/releases.ts";
import { modelInWords, modelsInWords } from "../core/storage/modelsInWords.ts";
import type { Promotion } from "../core/storage/releases.ts";
import { labelled } from "./labelled.ts";
import { megabytes, number } from "./numbers.ts";
import { qualityInWords, UNMEASURED } from "./quality.ts";
import { MAIN_ROWS, renderEvaluation, renderGate } from "./renderEvaluation.ts";
import { bold, cyan, green, yellow } from "./style.ts";
import { table } from "./table.ts";
import { minute, relativeTo } from "./times.ts";

export interface ReleaseView {
  /** Adds the parts with their digests, the whole ladder and the gate's criteria. */
  verbose?: boolean;
  columns?: number;
}

/** Formats one release: its state, its docs, its quality in words, and when it served. */
export function renderRelease(shown: ShownRelease, { verbose, columns }: ReleaseView = {}): string {
  const { id, manifest, champion, ledger, report } = shown;
  const { corpus, createdAt, source, ranking, gate, evaluation } = manifest;
  const state = champion ? green("serves") : ledger.length > 0 ? "served before" : yellow("not promoted");
  const statistics = verbose
    ? [
        partsTable(manifest, columns),
        "",
        ...(evaluation === null ? [] : [renderEvaluation(evaluation, { ranking, verbose, columns }), ""]),
        renderGate(gate),
        "",
      ]
    : [];
  return [
    `${bold(`Release ${id} of ${corpus}`)}: ${state}, order: ${ranking}, made ${minute(createdAt)} (${relativeTo(createdAt)})`,
    "",
    ...statistics,
    labelled(
      "Docs",
      `${source.path}: ${source.pages} pages, ${source.passages} passages, digest ${source.digest.slice(0, 12)}`,
    ),
    ...modelsInWords(manifest).map((words) => labelled("Model", words)),
    labelled("Quality", qualityInWords(evaluation, ranking)),
    labelled("Gate", `${gate.promoted ? "promoted" : "not promoted"}: ${gate.reason}.`),
    ...ledger.map((entry) => labelled("Ledger", ledgerLine(entry))),
    ...(report === null ? [] : [labelled("Report", cyan(report))]),
  ].join("\n");
}

function partsTable(manifest: ShownRelease["manifest"], columns?: number): string {
  const parts = partsOf(manifest).map(({ name, digests, bytes }) => [name, short(digests), megabytes(bytes)]);
  return table(["part", "digest", "size"], parts, columns);
}

function ledgerLine({ at, kind, replaced, by, reason }: Promotion): string {
  return `${minute(at)} ${kind}, replaced ${replaced ?? "nothing"}, by ${by}: ${reason}`;
}

/** Formats a release that served at a time. */
export function renderPromotion(entry: ServedRelease): string {
  const { corpus, release, kind, at, until, by, reason, replaced, workflow, evidence, missing } = entry;
  const lines = [
    `${corpus}: release ${release}, from ${minute(at)} ${until ? `until ${minute(until)}` : "on"}`,
    `  ${kind} by ${by}: ${reason}`,
    `  replaced ${replaced ?? "nothing"}${workflow ? `, workflow ${workflow}` : ""}`,
  ];
  if (!evidence) return [...lines, `  evidence is gone: ${missing}`].join("\n");
  const { gate, source, report } = evidence;
  lines.push(`  docs ${source.path}, ${source.pages} pages, digest ${source.digest.slice(0, 12)}`);
  lines.push(
    ...renderGate(gate)
      .split("\n")
      .map((line) => `  ${line}`),
    report === null ? `  ${UNMEASURED}` : `  Report: ${report}`,
  );
  return lines.join("\n");
}

/** Formats two releases side by side; `verbose` shows every row of the ladder. */
export function renderDifference(
  { a, b, parts, ladder }: ReleaseComparison,
  { verbose = false, columns }: ReleaseView = {},
): string {
  const shown = ladder.filter(({ name }) => verbose || MAIN_ROWS.includes(name));
  const facts: [string, (release: ComparedRelease) => string][] = [
    ["corpus", (release) => release.corpus],
    ["made (UTC)", (release) => minute(release.createdAt)],
    ["docs", ({ source }) => source.digest.slice(0, 12)],
    ["pages", ({ source }) => `${source.pages}`],
    ["passages", ({ source }) => `${source.passages}`],
    ["embedder", ({ models }) => (models ? modelInWords(models.embedder) : "not named")],
    ["reranker from", ({ models }) => (models?.reranker ? modelInWords(models.reranker) : "not named")],
    ["ranking", (release) => release.ranking],
    ["questions", ({ questions }) => (questions === null ? "not measured" : `${questions}`)],
    ["nDCG@10 served", (release) => number(release.ndcg)],
    ["false answers", (release) => number(release.falseAnswerRate)],
    ["false refusals", (release) => number(release.falseRefusalRate)],
  ];
  const rows = [
    ...facts.map(([name, of]) => row(name, of(a), of(b))),
    ...parts.map((part) => row(part.name, short(part.a), short(part.b))),
    ...shown.map((step) => row(`nDCG@10 ${step.name}`, number(step.a), number(step.b))),
  ];
  const note =
    a.source.digest === b.source.digest
      ? ""
      : "\nThe docs differ, so the nDCG@10 values come from different questions and passages.";
  return `${table(["", a.id, b.id, ""], rows, columns)}${note}`;
}

function row(name: string, a: string, b: string): string[] {
  return [name, a, b, a === b ? "" : "differs"];
}

function short(digests: string[]): string {
  const more = digests.length > 1 ? ` and ${digests.length - 1} more` : "";
  return digests.length === 0 ? "none" : `${digests[0]!.slice(0, 12)}${more}`;
}
