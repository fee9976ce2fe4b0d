import type { LabelEffect, LabelFate } from "../../contracts/labels.ts";
import { link } from "./questionSections.ts";
import { escapeHtml, section, table } from "./reportHtml.ts";

const FATES: Record<LabelFate | "no training", string> = {
  trained: "in the training data",
  gone: "not in it: the text had changed",
  judged: "not in it: nearly a judged question",
  "held out": "not in it: its page is held out",
  "no positive": "not in it: no passage was voted up for this question",
  "no negative": "not in it: no other passage to rank it against",
  "no training": "none: the reranker is untrained",
};

/** Which accepted votes changed which rankings: the rank of each voted passage before and after. Empty without votes. */
export function votesSection(effects: readonly LabelEffect[]): string {
  if (effects.length === 0) return "";
  const moves = effects.map(moveOf);
  const count = (move: Move) => moves.filter((one) => one === move).length;
  const note = `<p>Of ${effects.length} voted ${effects.length === 1 ? "passage" : "passages"}, ${count("better")} moved as voted, ${count("worse")} against it, and ${count("same")} stayed. Ranks count from 1 among the 30 candidates, on the same docs: before, in the champion's order; after, in the order that this release would serve. Other training data moved them too.</p>`;
  const rows = [...effects]
    .sort((a, b) => ORDER.indexOf(moveOf(a)) - ORDER.indexOf(moveOf(b)))
    .map((effect) => ({
      cells: [
        `${escapeHtml(effect.question)}<div class="muted">${escapeHtml(effect.vote)}</div>`,
        link({ page: effect.page, heading: effect.heading.at(-1) ?? "", url: effect.url }),
        effect.verdict,
        `<span class="${{ better: "gain", worse: "loss", same: "", unknown: "" }[moveOf(effect)]}">${shown(effect.before)} → ${shown(effect.after)}</span>`,
        effect.fate === null ? "not in it: accepted later" : FATES[effect.fate],
      ],
    }));
  return section("What accepted votes changed", note, table(["question", "passage", "vote", "rank", "training"], rows));
}

type Move = "better" | "worse" | "same" | "unknown";
const ORDER: readonly Move[] = ["better", "worse", "same", "unknown"];

/** Whether the passage moved as its vote asked: up, or down. A passage that is no candidate is below all of them. */
function moveOf({ verdict, before, after }: LabelEffect): Move {
  if (before === null && after === null) return "unknown";
  const [then, now] = [before ?? Number.POSITIVE_INFINITY, after ?? Number.POSITIVE_INFINITY];
  if (then === now) return "same";
  return now < then === (verdict === "up") ? "better" : "worse";
}

function shown(rank: number | null): string {
  return rank === null ? "–" : String(rank);
}
