import type { MiddlewareHandler } from "hono";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";
import { textOf } from "./bodies.ts";
import { isOwn } from "./origins.ts";

/** Enough for a comment of a person. */
const MAX_FORM_BYTES = 64 * 1024;
const FORM_TYPE = /^application\/x-www-form-urlencoded(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Reads a form of the page, and refuses one that no page of this server sent: a form needs no leave of the browser, so
 * the origin must be this server's own. Handlers read it by `formOf`.
 */
export const forms: MiddlewareHandler<Env> = async (c, next) => {
  const origin = c.req.header("origin");
  const own =
    origin === undefined ? c.req.header("sec-fetch-site") === "same-origin" : isOwn(origin, c.req.header("host"));
  if (!own) throw new HttpFailure(403, "OriginNotAllowed", "only this server's own page may send a form");
  if (!FORM_TYPE.test(c.req.header("content-type") ?? ""))
    throw new HttpFailure(415, "UnsupportedMediaType", "send the form as application/x-www-form-urlencoded");
  c.set("form", new URLSearchParams(await textOf(c.req.raw.body, MAX_FORM_BYTES)));
  await next();
};
