import { createRoute, type z } from "@hono/zod-openapi";
import { CORPUS_NAME } from "../../contracts/names.ts";
import type { RankedPassage, SearchResult } from "../../contracts/passage.ts";
import { retrievalInputSchema, retrievalReplySchema } from "../../contracts/retrieval.ts";
import { DIFY_ERRORS } from "../errorSchema.ts";
import { type Failure, HttpFailure } from "../failure.ts";
import { DEFAULT_MODEL, withModel } from "../models.ts";
import type { Protocol } from "../protocol.ts";

const PATH = "/retrieval";

/** Codes that Dify's documentation proposes. */
const CODES = { malformedAuthorization: 1001, unauthorized: 1002, unknownKnowledge: 2001 };
const route = createRoute({
  method: "post",
  path: PATH,
  summary: "Dify's external knowledge: passages above a calibrated score.",
  request: { body: { required: true, content: { "application/json": { schema: retrievalInputSchema } } } },
  responses: {
    ...DIFY_ERRORS,
    200: { description: "The records.", content: { "application/json": { schema: retrievalReplySchema } } },
  },
});

/** Dify's external knowledge API. */
export const retrieval: Protocol = {
  paths: [PATH],
  errorBody: (failure, c) => ({
    error_code: codeOf(failure, c.req.header("authorization")),
    error_msg: failure.message,
  }),
  register(app, doors) {
    app.openapi(route, async (c) => {
      const { knowledge_id, query, retrieval_setting, metadata_condition } = c.req.valid("json");
      if (metadata_condition?.conditions?.length)
        throw new HttpFailure(400, "BadInput", "metadata_condition: filters on metadata are not supported");
      const { top_k: k, score_threshold } = retrieval_setting;
      const { signal } = c.req.raw;
      const found = await withModel(doors, modelOf(knowledge_id), (choice) =>
        doors.search(query, { ...choice, k, signal }),
      );
      const enough = found.passages.filter(({ scores }) => scores.relevance >= (score_threshold ?? 0));
      return c.json({ records: enough.map((passage) => recordOf(passage, found)) }, 200);
    });
  },
};

/** Dify users enter the name of a corpus as well as that of a model. */
function modelOf(knowledge: string): string {
  const isModel = knowledge === DEFAULT_MODEL || !CORPUS_NAME.test(knowledge);
  return isModel ? knowledge : `${DEFAULT_MODEL}:${knowledge}`;
}

function recordOf(
  { id, text, heading, page, url, lines, scores }: RankedPassage,
  { release, threshold }: SearchResult,
): z.infer<typeof retrievalReplySchema>["records"][number] {
  const metadata = { path: page, url, heading, lines, passage: id, release, threshold };
  return { content: text, score: scores.relevance, title: heading.join(" > "), metadata };
}

/** Other failures have the number of their status. */
function codeOf({ code, status }: Failure, authorization: string | undefined): number {
  if (code === "Unauthorized")
    return /^Bearer +\S+$/i.test(authorization ?? "") ? CODES.unauthorized : CODES.malformedAuthorization;
  return code === "ModelNotFound" ? CODES.unknownKnowledge : status;
}
