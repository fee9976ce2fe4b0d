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

const described = (description: string) => ({ description, content: { "application/json": { schema: errorSchema } } });

/** Error responses by status, for the descriptions of routes. */
export const ERRORS = {
  400: described("The input is wrong; the message names the field."),
  404: described("There is no such release, passage or answer."),
  503: described("Busy, or a part of Winnow is away. `Retry-After` holds the seconds until a retry."),
};
