import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Failure } from "../failure.ts";
import { SESSION_COOKIE } from "../guards/session.ts";
import type { Env } from "../protocol.ts";
import { linkedPath } from "./ask/mayAsk.ts";
import type { Assets } from "./assets.ts";
import { type Document, documentOf } from "./layout/document.tsx";
import { ErrorPage, errorTitle } from "./layout/errorPage.tsx";
import { gradually, soon } from "./layout/later.tsx";
import { ownPath } from "./ownPath.ts";
import { Login } from "./session/login.tsx";
import type { Rendered } from "./view.ts";

/** Statuses after which the same address may work later. */
const PASSING: readonly number[] = [409, 429, 500, 502, 503, 504];

/** A page as it is sent. */
export type Sent = Rendered & { title: string; current?: string; script?: boolean };

type Shown = Omit<Document, "style" | "signedIn">;

/** Writes pages around views, errors and the form to sign in. */
export class Pages {
  constructor(private readonly assets: Assets) {}

  async send(c: Context<Env>, { status = 200, script, late, waiting, ...page }: Sent): Promise<Response> {
    const address = script ? (await this.assets.script()).path : undefined;
    const html = this.html(c, { ...page, script: address });
    if (late === undefined) return c.html(html, status);
    const whole = await soon(html, late);
    if (whole) return c.html(whole.html, whole.part.status ?? status);
    const failed = (thrown: unknown) => errorPage(c, c.var.failure(thrown), pathOf(c));
    const type = { "Content-Type": "text/html; charset=UTF-8", "X-Accel-Buffering": "no" };
    return c.body(gradually(html, late, waiting ?? <p />, failed), status, type);
  }

  /** An error for a person. A missing token is asked for in place. */
  fail(c: Context<Env>, failure: Failure): Response {
    const path = pathOf(c);
    if (failure.code === "Unauthorized") {
      const next = c.req.method === "GET" ? path : "/";
      const linked = c.req.method === "GET" && c.req.header("sec-fetch-site") === "cross-site";
      const again = linked ? ownPath(linkedPath(new URL(c.req.url))) : undefined;
      return c.html(this.html(c, { title: "Sign in", again, main: <Login next={next} /> }), 401);
    }
    const retry = c.req.method === "GET" && PASSING.includes(failure.status) ? path : undefined;
    return c.html(this.html(c, { title: errorTitle(failure), main: errorPage(c, failure, retry) }), failure.status);
  }

  private html(c: Context<Env>, page: Shown): string {
    const signedIn = getCookie(c, SESSION_COOKIE) !== undefined;
    return documentOf({ ...page, style: this.assets.style.path, signedIn });
  }
}

function errorPage(c: Context<Env>, failure: Failure, retry: string | undefined) {
  return <ErrorPage failure={failure} requestId={c.get("requestId")} retry={retry} />;
}

function pathOf(c: Context<Env>): string {
  const { pathname, search } = new URL(c.req.url);
  return ownPath(pathname + search);
}

/** True for a browser that opens a page, not for a program or a script that calls the API. */
export function wantsPage(c: Context<Env>): boolean {
  return /\btext\/html\b/i.test(c.req.header("accept") ?? "") && !/^\/v\d+\//.test(c.req.path);
}
