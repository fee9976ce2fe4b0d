import { createRoute, z } from "@hono/zod-openapi";
import {
  foundPassageSchema,
  releaseChoiceSchema,
  searchInputSchema,
  searchResultSchema,
} from "../../contracts/search.ts";
import { ERRORS } from "../errorSchema.ts";
import { HttpFailure } from "../failure.ts";
import type { Protocol } from "../protocol.ts";

const searchRoute = createRoute({
  method: "post",
  path: "/v1/search",
  summary: "Passages for a question, ranked as they serve, with every score. No LLM is called.",
  request: { body: { required: true, content: { "application/json": { schema: searchInputSchema } } } },
  responses: {
    ...ERRORS,
    200: { description: "The ranked passages.", content: { "application/json": { schema: searchResultSchema } } },
  },
});

const passageRoute = createRoute({
  method: "get",
  path: "/v1/passages/{id}",
  summary: "A passage by its id.",
  request: { params: z.object({ id: z.string().min(1).max(100) }), query: releaseChoiceSchema },
  responses: {
    ...ERRORS,
    200: {
      description: "The passage with its release.",
      content: { "application/json": { schema: foundPassageSchema } },
    },
  },
});

/** Search and passages in Winnow's own shapes. */
export const search: Protocol = {
  register(app, doors) {
    app.openapi(searchRoute, async (c) => {
      const { question, ...choice } = c.req.valid("json");
      return c.json(await doors.search(question, { ...choice, signal: c.req.raw.signal }), 200);
    });
    app.openapi(passageRoute, async (c) => {
      const { id } = c.req.valid("param");
      const found = await doors.passage(id, { ...c.req.valid("query"), signal: c.req.raw.signal });
      if (found === null)
        throw new HttpFailure(404, "UnknownPassage", `the release has no passage ${JSON.stringify(id)}`);
      return c.json(found, 200);
    });
  },
};
