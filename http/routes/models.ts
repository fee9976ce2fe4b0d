import { createRoute, z } from "@hono/zod-openapi";
import { modelListSchema, modelSchema } from "../../contracts/chat.ts";
import { OPENAI_ERRORS } from "../errorSchema.ts";
import { listModels, type Model, unknownModel } from "../models.ts";
import { openaiError } from "../openai.ts";
import type { Protocol } from "../protocol.ts";

const listRoute = createRoute({
  method: "get",
  path: "/v1/models",
  summary: "Models that a client may name: the champions and every release that can serve.",
  responses: {
    ...OPENAI_ERRORS,
    200: { description: "The models.", content: { "application/json": { schema: modelListSchema } } },
  },
});

const oneRoute = createRoute({
  method: "get",
  path: "/v1/models/{id}",
  summary: "One model.",
  request: { params: z.object({ id: z.string().min(1).max(200) }) },
  responses: {
    200: { description: "The model.", content: { "application/json": { schema: modelSchema } } },
    ...OPENAI_ERRORS,
  },
});

/** OpenAI's list of models. */
export const models: Protocol = {
  paths: ["/v1/models", "/v1/models/"],
  errorBody: openaiError,
  register(app, doors) {
    app.openapi(listRoute, async (c) =>
      c.json({ object: "list" as const, data: (await listModels(doors)).map(shown) }, 200),
    );
    app.openapi(oneRoute, async (c) => {
      const { id } = c.req.valid("param");
      const found = (await listModels(doors)).find((model) => model.id === id);
      if (found === undefined) throw await unknownModel(doors, id);
      return c.json(shown(found), 200);
    });
  },
};

function shown({ id, release }: Model): z.infer<typeof modelSchema> {
  const { corpus, ranking, champion } = release;
  return {
    id,
    object: "model",
    created: Math.floor(Date.parse(release.createdAt) / 1000),
    owned_by: "winnow",
    winnow: { release: release.id, corpus, ranking, champion },
  };
}
