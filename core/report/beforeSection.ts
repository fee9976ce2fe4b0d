import type { AskDecision } from "../judging/limits.ts";
import { SMALLEST_CHANGE } from "../judging/metrics.ts";
import { escapeHtml, section, table } from "./reportHtml.ts";
import type { Outcome, ReportQuestion } from "./reportQuestion.ts";

/** The same question in the evaluation of the release before. */
export interface QuestionBefore {
  id: string;
  decision: AskDecision;
  /** nDCG@10 as served; null for a question that the docs do not answer. */
  ndcg: number | null;
}

/** The release before, as its own evaluation found it on its own docs. */
export interface ReleaseBefore {
  release: string;
  questions: QuestionBefore[];
}

const LISTED = 25;

/** What changed for each question since the release before. Empty without one. */
export function beforeSection(before: ReleaseBefore | null, questions: readonly ReportQuestion[]): string {
  if (before === null) return "";
  const then = new Map(before.questions.map((question) => [question.id, question]));
  const both = questions.filter(({ id, outcome }) => outcome !== "stale" && then.has(id));
  const title = `Against release ${before.release}, which served before`;
  if (both.length === 0) return section(title, "<p>The two evaluations have no question in common.</p>");
  const changed = both.flatMap((question) => {
    const old = then.get(question.id)!;
    const gain = question.ndcg === null || old.ndcg === null ? 0 : question.ndcg - old.ndcg;
    const refusal = refusalChange(old, question.outcome);
    return Math.abs(gain) < SMALLEST_CHANGE && refusal === null ? [] : [{ question, old, gain, refusal }];
  });
  const better = changed.filter(({ gain }) => gain >= SMALLEST_CHANGE).length;
  const worse = changed.filter(({ gain }) => gain <= -SMALLEST_CHANGE).length;
  const note = `<p>Of ${both.length} questions in both, ${better} ${better === 1 ? "is" : "are"} ordered better and ${worse} worse. Each release is judged on its own docs.</p>`;
  if (changed.length === 0) return section(title, note);
  const rows = [...changed]
    .sort((a, b) => a.gain - b.gain)
    .slice(0, LISTED)
    .map(({ question, old, gain, refusal }) => ({
      cells: [
        `${escapeHtml(question.query)}<div class="muted">${escapeHtml(question.id)}</div>`,
        question.ndcg === null || old.ndcg === null
          ? "–"
          : `<span class="${gain > 0 ? "gain" : gain < 0 ? "loss" : ""}">${old.ndcg.toFixed(2)} → ${question.ndcg.toFixed(2)}</span>`,
        refusal ?? "",
      ],
    }));
  const more = changed.length > LISTED ? `<p class="muted">The ${LISTED} worst of ${changed.length} changes.</p>` : "";
  return section(title, note, more, table(["question", "nDCG@10", "answer"], rows));
}

const IN_WORDS = { refuse: "refused", unsure: "unsure", answer: "answered" } as const;

function refusalChange({ decision }: QuestionBefore, outcome: Outcome): string | null {
  const then = IN_WORDS[decision];
  const now = outcome === "declined" ? "refused" : outcome === "refused" || outcome === "unsure" ? outcome : "answered";
  return then === now ? null : `now ${now}`;
}
