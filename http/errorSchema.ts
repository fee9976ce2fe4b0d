import { z } from "zod";

/** Errors of Winnow's own API. */
const errorSchema = z.object({
  error: z.object({
    code: z.string().describe("Name of the error, such as `BadInput` or `Busy`."),
    message: z.string().describe("Cause and remedy, for people."),
    retryAfter: z.number().int().optional().describe("Seconds after which a retry makes sense."),
    requestId: z.string().describe("As in the header `X-Request-Id` and in the log."),
  }),
});

/** Error responses by status, with bodies in the shape of a protocol. */
function errorsOf(schema: z.ZodType) {
  const described = (description: string) => ({ description, content: { "application/json": { schema } } });
  return {
    400: described("The input is wrong; the message names the field."),
    404: described("There is no such release, model, passage or answer."),
    503: described("Busy, or a part of Winnow is away. `Retry-After` holds the seconds until a retry."),
    default: described("Refused by a guard, such as 401, 403, 413, 415 and 429, or failed inside."),
  };
}

const openaiSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string().describe("Such as `invalid_request_error` or `server_error`."),
    param: z.string().nullable(),
    code: z.string().describe("Name of the error, such as `model_not_found` or `Busy`."),
  }),
});
const rerankSchema = z.union([
  openaiSchema.extend({ id: z.string(), message: z.string(), detail: z.string() }),
  z.object({ error: z.string(), error_type: z.enum(["Validation", "Overloaded", "Backend"]) }),
]);
const difySchema = z.object({
  error_code: z.number().int().describe("1001 or 1002 for a token, 2001 for unknown knowledge, otherwise the status."),
  error_msg: z.string(),
});

/** Error responses of Winnow's own API, for the descriptions of routes. */
export const ERRORS = errorsOf(errorSchema);
/** Those of OpenAI's API. */
export const OPENAI_ERRORS = errorsOf(openaiSchema);
/** Those of Cohere, Jina and vLLM in one, or of TEI. */
export const RERANK_ERRORS = errorsOf(rerankSchema);
/** Those of Dify. */
export const DIFY_ERRORS = errorsOf(difySchema);
