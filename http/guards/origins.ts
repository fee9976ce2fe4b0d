import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Access } from "../access.ts";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";
import { isRead } from "./reads.ts";

/** Scripts that pages of other sites load. They hold nothing of the docs. */
const EMBEDDED: readonly string[] = ["/widget.js"];

/**
 * Refuses requests of other sites' pages, unless their origin is listed. A browser that sends no `Origin` still sends
 * `Sec-Fetch-Site`: with forms, and with pictures and scripts, which a page cannot read but which make the server work.
 * A link that a person follows passes. Programs send neither header.
 */
export function origins({ origins: listed }: Pick<Access, "origins">): MiddlewareHandler<Env> {
  return async (c, next) => {
    const origin = c.req.header("origin");
    const refused =
      origin === undefined
        ? isElsewhere(c) && !followsLink(c) && !EMBEDDED.includes(c.req.path)
        : !listed.includes(origin) && !isOwn(origin, c.req.header("host"));
    if (refused)
      throw new HttpFailure(
        403,
        "OriginNotAllowed",
        `pages of ${JSON.stringify((origin ?? "another site").slice(0, 200))} may not call this server: list their origin in WINNOW_HTTP_ORIGINS`,
      );
    await next();
  };
}

/** True if a page of another origin made the request. */
export function isElsewhere(c: Context<Env>): boolean {
  const site = c.req.header("sec-fetch-site");
  return site === "cross-site" || site === "same-site";
}

/** True for a page that is opened in a tab of its own, not in a frame. */
function followsLink(c: Context<Env>): boolean {
  return isRead(c) && c.req.header("sec-fetch-mode") === "navigate" && c.req.header("sec-fetch-dest") === "document";
}

/** True if the page came from this server. A proxy may have served it by https. */
export function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/**
 * Allows the listed origins in browsers, with any header, since clients add their own. Without any, no CORS header is
 * ever sent.
 */
export function crossOrigin({ origins: listed }: Pick<Access, "origins">): MiddlewareHandler<Env> {
  if (listed.length === 0) return (_c, next) => next();
  return cors({
    origin: [...listed],
    allowMethods: ["GET", "HEAD", "POST", "DELETE"],
    exposeHeaders: ["Retry-After", "X-Request-Id"],
    maxAge: 600,
  });
}
