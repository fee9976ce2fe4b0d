import { createHmac, timingSafeEqual } from "node:crypto";

/** Name of the cookie of a signed-in browser. */
export const SESSION_COOKIE = "winnow_session";
/** Seconds until a browser signs in again. */
export const SESSION_SECONDS = 7 * 24 * 3600;

/**
 * A session as the value of a cookie: when it ends, signed by the token. It is not the token, needs no memory of the
 * server, so that any replica accepts it, and is void once the token is removed.
 *
 * @param now milliseconds since 1970
 */
export function sessionOf(token: string, now = Date.now()): string {
  const ends = `${Math.floor(now / 1000) + SESSION_SECONDS}`;
  return `${ends}.${signature(token, ends).toString("base64url")}`;
}

/** Position of the token that signed the session, or -1. The time does not depend on the position of a match. */
export function sessionToken(tokens: readonly string[], session: string, now = Date.now()): number {
  const [, ends = "", signed = ""] = /^(\d{1,12})\.([\w-]{43})$/.exec(session) ?? [];
  if (ends === "" || Number(ends) * 1000 <= now) return -1;
  const given = Buffer.from(signed, "base64url");
  return tokens.reduce((found, token, at) => (timingSafeEqual(signature(token, ends), given) ? at : found), -1);
}

function signature(token: string, ends: string): Buffer {
  return createHmac("sha256", token).update(`winnow session until ${ends}`).digest();
}
