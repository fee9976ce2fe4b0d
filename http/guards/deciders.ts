import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { type Access, hostName, LOOPBACK } from "../access.ts";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";

/** Headers of requests that a proxy passed on. */
const PROXIED = /^(forwarded|via|x-forwarded(-.+)?|x-(real|client)-ip|(cf-connecting|true-client)-ip)$/i;

/** Name of the field with the key of this process's forms. */
export const KEY_FIELD = "key";
/** Stands in the forms that decide, where there are no tokens. Another process has another. */
export const FORM_KEY = randomBytes(24).toString("base64url");

/** True if a proxy says that it passed the request on. One that says nothing cannot be told from this machine. */
export function isProxied(c: Context<Env>): boolean {
  return Object.keys(c.req.header()).some((name) => PROXIED.test(name));
}

/** True if only programs of this machine are meant to call: no other name, and no page from elsewhere. */
export function staysHere({ allowedHosts, origins }: Pick<Access, "allowedHosts" | "origins">): boolean {
  return allowedHosts.length === 0 && origins.every((origin) => isHere(new URL(origin).host));
}

/**
 * Refuses decisions without a token where callers may be elsewhere: the server has other names or serves pages from
 * elsewhere, or the request has another host or came by a proxy. A proxy that keeps silent about itself passes, so an operator who
 * puts one in front of loopback must set a token.
 */
export function deciders({ tokens, ...access }: Access): MiddlewareHandler<Env> {
  if (tokens.length > 0) return (_c, next) => next();
  const here = staysHere(access);
  return async (c, next) => {
    if (!here || isProxied(c) || !isHere(c.req.header("host") ?? ""))
      throw new HttpFailure(403, "TokenNeeded", "deciding from another machine needs a token: set WINNOW_HTTP_TOKENS");
    await next();
  };
}

/**
 * Without tokens, refuses a form without the key that this process puts into its pages. Only a reader of such a page knows
 * the key, so no other site can submit a decision.
 */
export function keyed({ tokens }: Pick<Access, "tokens">): MiddlewareHandler<Env> {
  if (tokens.length > 0) return (_c, next) => next();
  const key = Buffer.from(FORM_KEY);
  return async (c, next) => {
    const given = Buffer.from(c.get("form")?.get(KEY_FIELD) ?? "");
    if (given.length !== key.length || !timingSafeEqual(given, key))
      throw new HttpFailure(
        403,
        "FormTooOld",
        "this form is not of a page that this process served: load the page again",
      );
    await next();
  };
}

function isHere(host: string): boolean {
  const name = hostName(host);
  return name !== null && LOOPBACK.includes(name);
}
