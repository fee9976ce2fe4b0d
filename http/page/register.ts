import type { MiddlewareHandler } from "hono";
import type { Doors } from "../../client/doors.ts";
import type { Access } from "../access.ts";
import { deciders, keyed } from "../guards/deciders.ts";
import { forms } from "../guards/forms.ts";
import type { App, Env } from "../protocol.ts";
import type { Pages } from "./pages.tsx";
import { VIEWS } from "./views.ts";

/** Adds the views. They stand behind the guards of tokens and before those of the API's bodies: they send forms. */
export function registerViews(app: App, doors: Doors, pages: Pages, access: Access): void {
  for (const { path, nav, title, script, decides, render, act, also } of VIEWS) {
    const about = { title, script, current: nav === undefined ? undefined : path };
    app.get(path, async (c) => {
      const rendered = await render(c, doors);
      return rendered instanceof Response
        ? rendered
        : pages.send(c, { ...about, ...rendered, title: rendered.title ?? title });
    });
    also?.(app, doors);
    if (!act) continue;
    app.post(path, decides ? deciders(access) : open, forms, decides ? keyed(access) : open, async (c) => {
      const done = await act(c.get("form")!, c, doors);
      return typeof done === "string"
        ? c.redirect(done, 303)
        : pages.send(c, { ...about, ...done, title: done.title ?? title });
    });
  }
}

const open: MiddlewareHandler<Env> = (_c, next) => next();
