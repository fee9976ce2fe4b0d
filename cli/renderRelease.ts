import type { EvaluationSummary, GateDecision } from "../contracts/evaluation.ts";
import type { ReleaseManifest } from "../contracts/release.ts";
import type { Serving } from "../core/storage/ledger.ts";
import { type Promotion, type Release, servedNdcg } from "../core/storage/releases.ts";
import { renderEvaluation, renderGate, table } from "./render.ts";

/** One release for people. */
export function renderRelease(
  { id, manifest }: Release,
  told: { champion: boolean; ledger: Promotion[]; report: string },
): string {
  const { corpus, createdAt, source, ranking, gate, evaluation } = manifest;
  const state = told.champion ? "champion" : told.ledger.length > 0 ? "was champion" : "not promoted";
  const parts = partsOf(manifest).map(({ name, digests, bytes }) => [name, short(digests), megabytes(bytes)]);
  return [
    `Release ${id} of ${corpus}: ${state}, ranking ${ranking}, made ${minute(createdAt)}`,
    `From ${source.path}: ${source.pages} pages, ${source.passages} passages, digest ${source.digest.slice(0, 12)}`,
    "",
    table(["part", "digest", "size"], parts),
    "",
    renderEvaluation(evaluation),
    "",
    renderGate(gate),
    "",
    ...told.ledger.map((entry) => ledgerLine(entry)),
    `Report: ${told.report}`,
  ].join("\n");
}

function ledgerLine({ at, kind, replaced, by, reason }: Promotion): string {
  return `${minute(at)} ${kind}, replaced ${replaced ?? "nothing"}, by ${by}: ${reason}`;
}

interface Evidence {
  gate: GateDecision;
  evaluation: EvaluationSummary;
  source: ReleaseManifest["source"];
  createdAt: string;
  report: string;
}

/** What served at a time, for people. */
export function renderPromotion(entry: Serving & { evidence: Evidence | null; missing: string | null }): string {
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

/** What differs between two releases; a part is the same when its digests are. */
export interface ReleaseComparison {
  a: ComparedRelease;
  b: ComparedRelease;
  parts: { name: string; same: boolean; a: string[]; b: string[] }[];
  /** nDCG@10 by row of the ladder; each on its own release's corpus and questions. */
  ladder: { name: string; a: number | null; b: number | null }[];
}

interface ComparedRelease {
  id: string;
  corpus: string;
  createdAt: string;
  ranking: string;
  source: ReleaseManifest["source"];
  questions: number;
  ndcg: number | null;
  falseAnswerRate: number | null;
  falseRefusalRate: number | null;
}

export function compareReleases(a: Release, b: Release): ReleaseComparison {
  const [left, right] = [partsOf(a.manifest), partsOf(b.manifest)];
  const parts = left.map(({ name, digests }, at) => {
    const others = right[at]!.digests;
    return { name, same: digests.join() === others.join(), a: digests, b: others };
  });
  const ndcg = ({ manifest }: Release, name: string) =>
    manifest.evaluation.ladder.find((row) => row.name === name)?.metrics["ndcg@10"].value ?? null;
  const names = new Set([a, b].flatMap(({ manifest }) => manifest.evaluation.ladder.map((row) => row.name)));
  const ladder = [...names].map((name) => ({ name, a: ndcg(a, name), b: ndcg(b, name) }));
  return { a: comparedRelease(a), b: comparedRelease(b), parts, ladder };
}

function comparedRelease({ id, manifest }: Release): ComparedRelease {
  const { corpus, createdAt, ranking, source, evaluation } = manifest;
  const { falseAnswerRate, falseRefusalRate } = evaluation.abstention;
  const { questions } = evaluation;
  return {
    id,
    corpus,
    createdAt,
    ranking,
    source,
    questions,
    ndcg: servedNdcg(manifest),
    falseAnswerRate,
    falseRefusalRate,
  };
}

export function renderComparison({ a, b, parts, ladder }: ReleaseComparison): string {
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
    ...ladder.map((step) => row(`nDCG@10 ${step.name}`, number(step.a), number(step.b))),
  ];
  const note =
    a.source.digest === b.source.digest
      ? ""
      : "\nThe docs differ, so their nDCG@10 are not of the same questions and passages.";
  return `${table(["", a.id, b.id, ""], rows)}${note}`;
}

function row(name: string, a: string, b: string): string[] {
  return [name, a, b, a === b ? "" : "differs"];
}

function partsOf(manifest: ReleaseManifest): { name: string; digests: string[]; bytes: number }[] {
  const { ingest, embed, buildIndex, train, evaluate } = manifest;
  const named = { ingest: [ingest], embed, "build-index": [buildIndex], train: [train], evaluate: [evaluate] };
  return Object.entries(named).map(([name, refs]) => ({
    name,
    digests: refs.map(({ sha256 }) => sha256),
    bytes: refs.reduce((sum, ref) => sum + ref.bytes, 0),
  }));
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
