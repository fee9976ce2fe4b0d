import { userInfo } from "node:os";
import { decideVote, listVotes } from "../../client/feedback.ts";
import { withQuestionTexts } from "../../client/questionTexts.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { ReviewedVote, Verdict } from "../../contracts/feedback.ts";
import type { Io } from "../io.ts";
import { counted } from "../numbers.ts";
import { relativeTo } from "../times.ts";

export interface FeedbackListOptions {
  state: ReviewedVote["state"] | "all";
  corpus?: string;
  limit: number;
}

/** A vote with the text of its question, null if nobody keeps it. */
type ListedVote = ReviewedVote & { question: string | null };

/** `winnow feedback list`. */
export async function feedbackListCommand(
  config: CliConfig,
  io: Io,
  { state, corpus, limit }: FeedbackListOptions,
): Promise<void> {
  const states = state === "all" ? undefined : [state];
  const { votes: all, hidden } = await listVotes(config, { corpus, states });
  const shown = all.slice(0, limit);
  const votes = await withQuestionTexts(config, (textOf) =>
    Promise.all(
      shown.map(async (vote) => ({ ...vote, question: vote.decision?.question ?? (await textOf(vote.answer)) })),
    ),
  );
  const listed = { votes, hidden, more: all.length > shown.length };
  io.result(listed, () => renderVotes(listed, state));
}

export interface FeedbackDecideOptions {
  verdict: Verdict;
  by?: string;
  reason?: string;
  question?: string;
  again?: boolean;
}

/** `winnow feedback accept` and `reject`. */
export async function feedbackDecideCommand(
  config: CliConfig,
  io: Io,
  id: string,
  { verdict, by = userInfo().username, ...rest }: FeedbackDecideOptions,
): Promise<void> {
  const vote = await withQuestionTexts(config, (questionOf) =>
    decideVote(config, id, verdict, { by, questionOf, ...rest }),
  );
  io.result(vote, () => `Vote ${vote.id} on ${vote.answer} is ${vote.state}, by ${by}.`);
}

/** Formats votes, each with its question, what it is on, and its comment. */
export function renderVotes(
  { votes, hidden, more }: { votes: ListedVote[]; hidden: number; more: boolean },
  state: FeedbackListOptions["state"],
): string {
  const what = state === "all" ? "" : `${state} `;
  const notes = [
    votes.length === 0 ? `There is no ${what}vote.` : `${counted(votes.length, `${what}vote`)}.`,
    ...(hidden > 0 ? [`${counted(hidden, "record")} cannot be read: see \`npx winnow fsck\`.`] : []),
    ...(more ? ["Older ones are left out: --limit lists more."] : []),
    ...(votes.some(({ state }) => state === "undecided")
      ? ["`npx winnow feedback accept ID` or `reject ID` decides."]
      : []),
  ];
  return [...votes.flatMap(describe), ...(votes.length > 0 ? [""] : []), ...notes].join("\n");
}

function describe(vote: ListedVote): string[] {
  const { id, at, vote: which, place, answer, kind, corpus, comment, question, state, decision } = vote;
  const thing = place ? `${place.page}, "${place.heading.at(-1) ?? ""}"` : `the answer (${kind})`;
  const decided = decision ? ` by ${decision.by}${decision.reason ? `: ${decision.reason}` : ""}` : "";
  return [
    `${id}  ${which}  ${state}${decided}`,
    `    ${question?.replace(/\s+/g, " ") ?? "(the text of the question is not kept)"}`,
    `    on ${thing} of ${answer} in ${corpus}, ${relativeTo(at)}`,
    ...(comment ? [`    "${comment.replace(/\s+/g, " ")}"`] : []),
  ];
}
