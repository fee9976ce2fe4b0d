import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { Access } from "../access.ts";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";
import { isOwn } from "./origins.ts";
import { createRate } from "./rate.ts";
import { SESSION_COOKIE, sessionToken } from "./session.ts";

/** Parameters that clients put tokens into. Addresses end up in logs and histories. */
const IN_URL = /^(access[-_]?token|api[-_]?key|apikey|auth|authorization|bearer|key|password|secret|token)$/i;

type Callers = Pick<Access, "tokens" | "askTokens" | "ratePerMinute">;

/** What a token that may only ask is for. Anything not here needs another one. */
const ASKING: readonly RegExp[] = [
  /^POST \/v1\/(ask|feedback)$/,
  /^(GET|DELETE) \/v1\/asks\/[^/]+$/,
  /^GET \/v1\/passages\/[^/]+$/,
  /^GET \/asks\/[^/]+\/(prepared|sources)$/,
];

/** Refuses a token in the address, even where none is needed. */
export const noTokenInUrl: MiddlewareHandler<Env> = async (c, next) => {
  const name = Object.keys(c.req.query()).find((key) => IN_URL.test(key));
  if (name !== undefined)
    throw new HttpFailure(
      400,
      "TokenInUrl",
      `the parameter ${JSON.stringify(name.slice(0, 50))} looks like a token: addresses end up in logs, so send it as the header Authorization: Bearer TOKEN, and replace it if it was real`,
    );
  await next();
};

/**
 * Asks for one of the tokens, or for the session of a browser that signed in with one, and limits the requests of each.
 * A token that may only ask is refused elsewhere. Without tokens, any header passes.
 */
export function tokens({ tokens, askTokens = [], ratePerMinute }: Callers): MiddlewareHandler<Env> {
  const known = [...tokens, ...askTokens].map(digest);
  if (known.length === 0) return (_c, next) => next();
  const rate = createRate(ratePerMinute);
  return async (c, next) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const which = given === undefined ? signedIn(c, tokens) : matching(known, digest(given));
    if (which < 0) {
      c.header("WWW-Authenticate", 'Bearer realm="winnow"');
      const what = given === undefined ? "a token is needed" : "the token is not one of this server's";
      throw new HttpFailure(401, "Unauthorized", `${what}: send the header Authorization: Bearer TOKEN`);
    }
    if (which >= tokens.length && !asks(c))
      throw new HttpFailure(403, "TokenOnlyAsks", "this token may only ask, read passages and vote");
    const wait = rate.take(which);
    if (wait > 0)
      throw new HttpFailure(
        429,
        "TooManyRequests",
        `more than ${ratePerMinute} requests a minute with this token`,
        wait,
      );
    await next();
  };
}

function asks(c: Context<Env>): boolean {
  return ASKING.some((allowed) => allowed.test(`${c.req.method} ${c.req.path}`));
}

/** Position of the token of the browser's session, or -1. Pages of other origins cannot use it, even listed ones. */
function signedIn(c: Context<Env>, tokens: readonly string[]): number {
  const origin = c.req.header("origin");
  if (origin !== undefined && !isOwn(origin, c.req.header("host"))) return -1;
  return sessionToken(tokens, getCookie(c, SESSION_COOKIE) ?? "");
}

/** The one of the tokens that was given, or null. */
export function knownToken(tokens: readonly string[], given: string): string | null {
  return tokens[matching(tokens.map(digest), digest(given))] ?? null;
}

/** Position of the token, or -1. The time depends neither on the token nor on the position of a match. */
function matching(known: readonly Buffer[], given: Buffer): number {
  return known.reduce((found, each, index) => (timingSafeEqual(each, given) ? index : found), -1);
}

/** All digests have one length, which `timingSafeEqual` needs. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
