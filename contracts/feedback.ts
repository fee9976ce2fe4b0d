import { z } from "zod";
import { answerKindSchema } from "./answer.ts";
import { MAX_COMMENT } from "./names.ts";

/** Body of `POST /v1/feedback`. */
export const voteInputSchema = z.strictObject({
  answer: z.string().min(1).max(255).describe("Id of the answer."),
  vote: z.enum(["up", "down"]).describe("Whether the answer, or the passage, helps with the question."),
  passage: z
    .string()
    .min(1)
    .max(200)
    .nullish()
    .describe("Id of a candidate in the answer's receipt, for a vote on that passage alone."),
  comment: z
    .string()
    .trim()
    .max(MAX_COMMENT, "a comment is at most 2,000 characters")
    .nullish()
    .describe("What is right or wrong, for the person who decides."),
  voter: z
    .string()
    .regex(/^[\w-]{8,64}$/, "a voter is 8 to 64 letters, digits, - and _")
    .nullish()
    .describe(
      "Any token of the page that votes. A later vote with the same token on the same thing takes the place of the earlier one. Without it each vote counts.",
    ),
});
export type VoteInput = z.infer<typeof voteInputSchema>;

export const voteSchema = z.object({
  id: z.string().describe("Id of the vote: `vote-20261130-` and 18 hex digits."),
  at: z.string().describe("ISO time."),
  answer: z.string().describe("Id of the answer."),
  vote: z.enum(["up", "down"]),
  passage: z.string().nullable().describe("The passage that the vote is on; null for the answer."),
  place: z
    .object({ page: z.string(), heading: z.array(z.string()), url: z.string() })
    .nullable()
    .describe("Where that passage stands."),
  comment: z.string().nullable(),
  voter: z.string().nullable(),
  corpus: z.string(),
  release: z.string(),
  kind: answerKindSchema.describe("Kind of the answer."),
  cited: z.array(z.string()).describe("Ids of the passages that the answer used."),
  questionDigest: z.string().nullable().describe("Digest of the question; null if no record of the answer has it."),
});
/** A vote as it is kept. Until a person accepts it, nothing uses it. */
export type Vote = z.infer<typeof voteSchema>;

/** A vote as the API shows it: without what tells the question, or what the voter wrote. */
export const shownVoteSchema = voteSchema.omit({ questionDigest: true, comment: true, voter: true });
export type ShownVote = z.infer<typeof shownVoteSchema>;

export type Verdict = "accept" | "reject";

/** A person's decision on a vote. */
export interface Decision {
  vote: string;
  verdict: Verdict;
  /** ISO time. */
  at: string;
  /** Who decided. */
  by: string;
  reason: string | null;
  /** The question's text, for an accepted vote: the training uses it. Null for a rejected one. */
  question: string | null;
  /** The passages that an accepted vote labels; empty for a rejected one. */
  passages: VotedPassage[];
}

/** A passage as it was when its vote was accepted. */
export interface VotedPassage {
  id: string;
  page: string;
  /** SHA-256 of its text. */
  textDigest: string;
}

/** A vote with what became of it. */
export interface ReviewedVote extends Vote {
  /** `superseded`: the same voter has voted again on the same thing. */
  state: "undecided" | "accepted" | "rejected" | "superseded";
  /** The last decision; null without one. */
  decision: Decision | null;
}
