import type { Context } from "hono";
import type { Doors } from "../../client/doors.ts";
import type { Access } from "../access.ts";
import { deciders, keyed } from "../guards/deciders.ts";
import { forms } from "../guards/forms.ts";
import type { App, Env } from "../protocol.ts";
import type { Pages } from "./pages.tsx";
import type { Rendered } from "./view.ts";
import { VIEWS } from "./views.ts";

/** Adds the views. They stand behind the guards of tokens and before those of the API's bodies: they send forms. */
export function registerViews(app: App, doors: Doors, pages: Pages, access: Access): void {
  for (const { path, nav, title, script, decides, render, act, also } of VIEWS) {
    const about = { title, script, current: nav === undefined ? undefined : path };
    const send = (c: Context<Env>, rendered: Rendered) =>
      pages.send(c, { ...about, ...rendered, title: rendered.title ?? title });
    app.get(path, async (c) => {
      const rendered = await render(c, doors);
      return rendered instanceof Response ? rendered : send(c, rendered);
    });
    also?.(app, doors);
    if (!act) continue;
    if (decides) app.post(path, deciders(access), forms, keyed(access));
    else app.post(path, forms);
    app.post(path, async (c) => {
      const done = await act(c.get("form")!, c, doors);
      return typeof done === "string" ? c.redirect(done, 303) : send(c, done);
    });
  }
}
