import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Access } from "../../access.ts";
import { forms } from "../../guards/forms.ts";
import { SESSION_COOKIE, SESSION_SECONDS, sessionOf } from "../../guards/session.ts";
import { knownToken } from "../../guards/tokens.ts";
import type { App, Env } from "../../protocol.ts";
import { ownPath } from "../ownPath.ts";
import type { Pages } from "../pages.tsx";
import { Login } from "./login.tsx";

/** `/login` and `/logout`, for browsers. Without tokens there is nothing to sign in to. */
export function registerSession(app: App, { tokens }: Pick<Access, "tokens">, pages: Pages): void {
  app.get("/login", (c) => {
    const next = ownPath(c.req.query("next"));
    return tokens.length === 0 ? c.redirect(next) : pages.send(c, { title: "Sign in", main: <Login next={next} /> });
  });
  app.post("/login", forms, (c) => {
    const form = c.get("form")!;
    const next = ownPath(form.get("next"));
    const token = knownToken(tokens, form.get("token")?.trim() ?? "");
    if (token === null) return pages.send(c, { title: "Sign in", status: 401, main: <Login next={next} wrong /> });
    const cookie = {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_SECONDS,
      secure: isSecure(c),
    } as const;
    setCookie(c, SESSION_COOKIE, sessionOf(token), cookie);
    return c.redirect(next, 303);
  });
  app.post("/logout", forms, (c) => {
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return c.redirect("/login", 303);
  });
}

/** True if the browser speaks https, perhaps to a proxy. */
function isSecure(c: Context<Env>): boolean {
  return (
    c.req.header("origin")?.startsWith("https:") === true ||
    c.req.header("x-forwarded-proto") === "https" ||
    c.req.url.startsWith("https:")
  );
}
