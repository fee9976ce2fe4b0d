import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Failure } from "../failure.ts";
import { SESSION_COOKIE } from "../guards/session.ts";
import type { Env } from "../protocol.ts";
import type { Assets } from "./assets.ts";
import { documentOf } from "./layout/document.tsx";
import { ErrorPage, errorTitle } from "./layout/errorPage.tsx";
import { Login } from "./session/login.tsx";
import type { Rendered } from "./view.ts";

/** Statuses after which the same address may work later. */
const PASSING: readonly number[] = [409, 429, 500, 502, 503, 504];

/** A page as it is sent. */
export type Sent = Rendered & { title: string; current?: string; script?: boolean };

/** Writes pages around views, errors and the form to sign in. */
export class Pages {
  constructor(private readonly assets: Assets) {}

  async send(c: Context<Env>, { status = 200, script, ...page }: Sent): Promise<Response> {
    const address = script ? (await this.assets.script()).path : undefined;
    return this.write(c, { ...page, script: address }, status);
  }

  /** An error for a person. A missing token is asked for in place. */
  fail(c: Context<Env>, failure: Failure): Response {
    const here = new URL(c.req.url);
    const path = here.pathname + here.search;
    if (failure.code === "Unauthorized") {
      const next = c.req.method === "GET" ? path : "/";
      const again = c.req.method === "GET" && c.req.header("sec-fetch-site") === "cross-site";
      return this.write(c, { title: "Sign in", again, main: <Login next={next} /> }, 401);
    }
    const retry = c.req.method === "GET" && PASSING.includes(failure.status) ? path : undefined;
    const main = <ErrorPage failure={failure} requestId={c.get("requestId")} retry={retry} />;
    return this.write(c, { title: errorTitle(failure), main }, failure.status);
  }

  private write(
    c: Context<Env>,
    page: { title: string; main: Rendered["main"]; script?: string; current?: string; again?: boolean },
    status: NonNullable<Rendered["status"]>,
  ): Response {
    const signedIn = getCookie(c, SESSION_COOKIE) !== undefined;
    return c.html(documentOf({ ...page, style: this.assets.style.path, signedIn }), status);
  }
}

/** True for a browser that opens a page, not for a program or a script that calls the API. */
export function wantsPage(c: Context<Env>): boolean {
  return /\btext\/html\b/i.test(c.req.header("accept") ?? "") && !/^\/v\d+\//.test(c.req.path);
}
