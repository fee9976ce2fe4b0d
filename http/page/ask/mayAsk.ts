import type { Context } from "hono";
import { isElsewhere } from "../../guards/origins.ts";
import type { Env } from "../../protocol.ts";

/** Parameter of an address that a link of another site led to, over the form to sign in. */
const LINKED = "linked";

/**
 * True if a person of this page, an address bar or a program asks. A link of another site fills in the question, and a
 * person here sends it: a question costs work, and its text may not be theirs. HEAD asks nothing either.
 */
export function mayAsk(c: Context<Env>): boolean {
  return c.req.method === "GET" && !isElsewhere(c) && c.req.query(LINKED) === undefined;
}

/** The path of a link of another site, to open once more without asking. */
export function linkedPath({ pathname, searchParams }: URL): string {
  const query = new URLSearchParams(searchParams);
  if (query.has("q") || query.has("release")) query.set(LINKED, "");
  return query.size === 0 ? pathname : `${pathname}?${query}`;
}

/** Words that stand in the place of an answer until a person asks. */
export const UNASKED = "This question came by a link of another site, so it has not been asked.";
