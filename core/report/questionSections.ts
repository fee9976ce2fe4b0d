import { escapeHtml, fold, section, table } from "./reportHtml.ts";
import {
  isMistake,
  OUTCOMES,
  type Outcome,
  type Place,
  type ReportQuestion,
  type WantedPlace,
} from "./reportQuestion.ts";

const NAMES = Object.keys(OUTCOMES) as Outcome[];
/** Pages listed. */
const WORST_PAGES = 15;

/** Every question by outcome: mistakes are open, the rest is folded. */
export function questionSections(questions: readonly ReportQuestion[]): string {
  const groups = NAMES.flatMap((outcome) => {
    const own = questions.filter((question) => question.outcome === outcome);
    if (own.length === 0) return [];
    const rows = own.map((question) => ({ cells: cellsOf(question) }));
    const content = `<div class="stack">${table(["question", "wanted", "first passage"], rows)}</div>`;
    return [fold(outcome, `${OUTCOMES[outcome]} (${own.length})`, isMistake(outcome), content)];
  });
  return groups.length === 0 ? "" : section("Question by question", ...groups);
}

/** Links to the outcomes that occur, with their counts. */
export function outcomeLinks(questions: readonly ReportQuestion[]): string {
  const links = NAMES.flatMap((outcome) => {
    const count = questions.filter((question) => question.outcome === outcome).length;
    return count === 0 ? [] : [`<a href="#${outcome}">${escapeHtml(OUTCOMES[outcome])}: ${count}</a>`];
  });
  return links.length === 0 ? "" : `<nav aria-label="Questions by outcome">${links.join("")}</nav>`;
}

function cellsOf({ id, query, kind, mustPass, wanted, first }: ReportQuestion): string[] {
  const marks = [id, kind, ...(mustPass ? ["must pass"] : [])].map(escapeHtml).join(" · ");
  const judged = wanted.map(describeWanted).join("");
  return [
    `${escapeHtml(query)}<div class="muted">${marks}</div>`,
    judged === "" ? '<span class="muted">a refusal</span>' : judged,
    first === null
      ? '<span class="muted">nothing</span>'
      : `${link(first)}<div class="muted">“${escapeHtml(first.words)}” · P ${first.relevance.toFixed(2)}</div>`,
  ];
}

function describeWanted(wanted: WantedPlace): string {
  const rank = wanted.rank === null ? "not among the candidates" : `rank ${wanted.rank}`;
  const helps = wanted.grade === 1 ? "helps, " : "";
  return `<div>${link(wanted)} <span class="muted">${helps}${rank}</span></div>`;
}

/** The place as a link, or as text if its address is not one of the web. */
export function link({ page, heading, url }: Place): string {
  const text = escapeHtml(heading === "" ? page : `${page} › ${heading}`);
  return /^https?:\/\//i.test(url) ? `<a href="${escapeHtml(url)}" rel="noreferrer">${text}</a>` : text;
}

/** Pages whose questions fail most. */
export function pagesSection(questions: readonly ReportQuestion[]): string {
  const pages = new Map<string, { place: Place; failed: string[]; all: number }>();
  for (const { id, outcome, wanted } of questions) {
    if (outcome === "stale") continue;
    const own = new Map(wanted.filter(({ grade }) => grade === 2).map((place) => [place.page, place]));
    for (const [page, { url }] of own) {
      const known = pages.get(page) ?? { place: { page, heading: "", url: url.split("#")[0]! }, failed: [], all: 0 };
      known.all++;
      if (isMistake(outcome)) known.failed.push(id);
      pages.set(page, known);
    }
  }
  const worst = [...pages.values()]
    .filter(({ failed }) => failed.length > 0)
    .sort((a, b) => b.failed.length - a.failed.length || a.all - b.all);
  if (worst.length === 0) return "";
  const rows = worst.slice(0, WORST_PAGES).map(({ place, failed, all }) => ({
    cells: [link(place), `${failed.length} of ${all}`, failed.map(escapeHtml).join(", ")],
  }));
  const more = worst.length > WORST_PAGES ? `<p class="muted">${worst.length - WORST_PAGES} more pages.</p>` : "";
  return section("Pages that fail most", table(["page", "questions failed", "ids"], rows), more);
}
