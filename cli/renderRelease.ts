import { type ComparedRelease, partsOf, type ReleaseComparison } from "../client/releaseComparison.ts";
import type { ServedRelease, ShownRelease } from "../client/releases.ts";
import type { Promotion } from "../core/storage/releases.ts";
import { MAIN_ROWS, renderEvaluation, renderGate, table } from "./render.ts";

/** Formats one release; `all` shows every row of the ladder. */
export function renderRelease(
  { id, manifest, champion, ledger, report }: ShownRelease,
  { all }: { all?: boolean } = {},
): string {
  const { corpus, createdAt, source, ranking, gate, evaluation } = manifest;
  const state = champion ? "champion" : ledger.length > 0 ? "was champion" : "not promoted";
  const parts = partsOf(manifest).map(({ name, digests, bytes }) => [name, short(digests), megabytes(bytes)]);
  return [
    `Release ${id} of ${corpus}: ${state}, ranking ${ranking}, made ${minute(createdAt)}`,
    `From ${source.path}: ${source.pages} pages, ${source.passages} passages, digest ${source.digest.slice(0, 12)}`,
    "",
    table(["part", "digest", "size"], parts),
    "",
    renderEvaluation(evaluation, { ranking, all }),
    "",
    renderGate(gate),
    "",
    ...ledger.map((entry) => ledgerLine(entry)),
    `Report: ${report}`,
  ].join("\n");
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
    `  Report: ${report}`,
  );
  return lines.join("\n");
}

/** Formats two releases side by side; `all` shows every row of the ladder. */
export function renderDifference(
  { a, b, parts, ladder }: ReleaseComparison,
  { all = false }: { all?: boolean } = {},
): string {
  const shown = ladder.filter(({ name }) => all || MAIN_ROWS.includes(name));
  const facts: [string, (release: ComparedRelease) => string][] = [
    ["corpus", (release) => release.corpus],
    ["made (UTC)", (release) => minute(release.createdAt)],
    ["docs", ({ source }) => source.digest.slice(0, 12)],
    ["pages", ({ source }) => `${source.pages}`],
    ["passages", ({ source }) => `${source.passages}`],
    ["ranking", (release) => release.ranking],
    ["questions", (release) => `${release.questions}`],
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
  return `${table(["", a.id, b.id, ""], rows)}${note}`;
}

function row(name: string, a: string, b: string): string[] {
  return [name, a, b, a === b ? "" : "differs"];
}

function short(digests: string[]): string {
  const more = digests.length > 1 ? ` and ${digests.length - 1} more` : "";
  return `${digests[0]!.slice(0, 12)}${more}`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

function number(value: number | null): string {
  return value === null ? "n/a" : value.toFixed(3);
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
