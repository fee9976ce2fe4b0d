import type { Assessment } from "../judging/assess.ts";
import { outcomeLinks } from "./questionSections.ts";
import { escapeHtml } from "./reportHtml.ts";
import type { Outcome, ReportQuestion } from "./reportQuestion.ts";

/** What was evaluated. */
export interface ReportSubject {
  corpus: string | null;
  /** Release id; null for a candidate, whose id is the digest of its parts, this report among them. */
  release: string | null;
  /** Version of the docs: commit or digest. */
  docs: string | null;
  /** Embedder and reranker in words, each with name and digest; empty if unknown. */
  models: readonly string[];
  /** ISO time. */
  at: string;
}

/** Questions below which a figure says little. */
const FEW = 30;

/** Title, subject, the verdict in words, and links to the questions by outcome. */
export function headSection(
  { corpus, release, docs, models, at }: ReportSubject,
  assessment: Assessment,
  questions: readonly ReportQuestion[],
  facts: readonly [string, string][],
): string {
  const what = release === null ? "Candidate" : `Release ${release}`;
  const title = `${what}${corpus === null ? "" : ` of ${corpus}`}`;
  const known: [string, string][] = [["evaluated", `${at.slice(0, 16).replace("T", " ")} UTC`]];
  if (docs !== null) known.push(["docs version", docs]);
  if (models.length > 0) known.push(["models", models.join(", ")]);
  const listed = [...known, ...facts].map(([name, value]) => `${escapeHtml(name)}: <b>${escapeHtml(value)}</b>`);
  return `<h1>${escapeHtml(title)}</h1>
<p class="muted">${listed.join(" · ")}</p>
${verdict(assessment, questions)
  .map((sentence) => `<p class="lead">${sentence}</p>`)
  .join("\n")}
${assessment.summary.source === "judged" ? outcomeLinks(questions) : ""}`;
}

function verdict(assessment: Assessment, questions: readonly ReportQuestion[]): string[] {
  const serves = assessment.ranking === "reranked" ? "the reranker orders the answers" : "retrieval orders the answers";
  if (assessment.summary.source === "generated") {
    const how = "Give at least 30 questions: <code>npx winnow questions new</code> helps to make them.";
    return [
      `<b>Not measured.</b> No question set was given, so nothing here says how well questions of people are answered. ${how}`,
      `By questions made from the docs, ${serves}.`,
    ];
  }
  const count = (...outcomes: Outcome[]) => questions.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const unsure = questions.filter(({ outcome }) => outcome === "unsure");
  const unsureOf = (isAnswerable: boolean) => unsure.filter(({ wanted }) => wanted.length > 0 === isAnswerable).length;
  const answerable = count("right", "lower", "wrong", "refused") + unsureOf(true);
  const unanswerable = count("answered", "declined") + unsureOf(false);
  const good = count("right", "lower");
  const sentences = [
    `<b>${share(good, answerable)} answerable questions are answered from a judged passage</b>, ${count("right")} of them with that passage first. ` +
      `${are(count("refused"))} refused, ${are(count("wrong"))} answered from other passages, and ${are(unsureOf(true))} unsure.`,
    unanswerable > 0
      ? `${share(count("declined"), unanswerable)} questions that the docs do not answer are refused, and ${are(unsureOf(false))} unsure.`
      : "No question is one that the docs do not answer, so refusals are judged on stand-ins.",
    `In this evaluation, ${serves}.`,
  ];
  const stale = count("stale");
  if (stale > 0)
    sentences.push(
      `${are(stale)} left out as stale: <code>npx winnow questions check</code> names the ${stale === 1 ? "line" : "lines"}.`,
    );
  if (answerable < FEW) sentences.push(`With fewer than ${FEW} questions, one of them can change every figure.`);
  return [sentences.join(" ")];
}

function are(count: number): string {
  return `${count} ${count === 1 ? "is" : "are"}`;
}

function share(part: number, all: number): string {
  return all === 0 ? "0 of 0" : `${part} of ${all} (${Math.round((100 * part) / all)} %)`;
}
