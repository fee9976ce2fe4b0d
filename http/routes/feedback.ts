import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { Doors } from "../../client/doors.ts";
import { type ShownVote, shownVoteSchema, type Vote, voteInputSchema } from "../../contracts/feedback.ts";
import { ERRORS } from "../errorSchema.ts";
import type { App, Protocol } from "../protocol.ts";

const voteRoute = createRoute({
  method: "post",
  path: "/v1/feedback",
  summary: "Vote on an answer or on a passage",
  description: `A vote is quarantined: nothing uses it until a person accepts it with \`winnow feedback accept\`. Then the
next training run of the corpus learns from it. It never enters the judged questions that measure a release.`,
  request: { body: { required: true, content: { "application/json": { schema: voteInputSchema } } } },
  responses: {
    201: {
      description: "The vote, without its comment.",
      content: { "application/json": { schema: shownVoteSchema } },
    },
    ...ERRORS,
  },
});

const votesRoute = createRoute({
  method: "get",
  path: "/v1/asks/{id}/votes",
  summary: "List the votes on an answer",
  request: { params: z.object({ id: z.string().min(1).max(255) }) },
  responses: {
    200: {
      description: "Votes with what became of them, oldest first.",
      content: {
        "application/json": {
          schema: z.object({
            votes: z.array(
              shownVoteSchema.extend({ state: z.enum(["undecided", "accepted", "rejected", "superseded"]) }),
            ),
          }),
        },
      },
    },
    ...ERRORS,
  },
});

/** Votes on answers. */
export const feedback: Protocol = {
  register(app: App, doors: Doors) {
    app.openapi(voteRoute, async (c) => c.json(shown(await doors.feedback(c.req.valid("json"))), 201));
    app.openapi(votesRoute, async (c) => {
      const votes = await doors.votes(c.req.valid("param").id);
      return c.json({ votes: votes.map((vote) => ({ ...shown(vote), state: vote.state })) }, 200);
    });
  },
};

/** Whoever has the id of an answer reads its votes, so they say nothing of the question and repeat no comment. */
function shown(vote: Vote): ShownVote {
  const { id, at, answer, vote: verdict, passage, place, corpus, release, kind, cited } = vote;
  return { id, at, answer, vote: verdict, passage, place, corpus, release, kind, cited };
}
