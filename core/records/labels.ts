import type { ReviewedVote } from "../../contracts/feedback.ts";
import type { PassageLabel } from "../../contracts/labels.ts";
import { WinnowError } from "../base/errors.ts";
import { normalisedQuestion } from "./answers.ts";
import { REMEDY, type Votes } from "./votes.ts";

/**
 * The accepted votes on a corpus, as labels of passages: an up-vote labels the passage, or all passages that the answer
 * cites; a down-vote labels its passage. A down-vote on a whole answer labels none. Of two labels on the same passage for
 * the same question the later vote's holds. Throws BadInput if a decided vote cannot be read, because a training without it
 * would silently unlearn it; StorageFailed, StoreUnavailable.
 */
export async function acceptedLabels(votes: Votes, corpus: string): Promise<PassageLabel[]> {
  const { votes: accepted, hiddenDecided: lost } = await votes.list({ corpus, states: ["accepted"] });
  if (lost > 0)
    throw new WinnowError(
      "BadInput",
      `${lost} votes with a decision cannot be read here, and the training needs the accepted ones: ${REMEDY}`,
    );
  const latest = new Map<string, PassageLabel>();
  for (const vote of accepted.reverse())
    for (const label of labelsOf(vote)) latest.set(`${normalisedQuestion(label.question)}\n${label.passage}`, label);
  return [...latest.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function labelsOf({ id, vote: verdict, passage, decision }: ReviewedVote): PassageLabel[] {
  if (!decision?.question || (verdict === "down" && passage === null)) return [];
  const { question, passages } = decision;
  return passages.map(({ id: place, page, textDigest }) => ({
    ...{ vote: id, question, verdict },
    ...{ passage: place, page, textDigest },
  }));
}

function keyOf({ vote, passage }: PassageLabel): string {
  return `${vote} ${passage}`;
}
