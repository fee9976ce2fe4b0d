import type { Doors } from "../../client/doors.ts";
import { forms } from "../guards/forms.ts";
import type { App } from "../protocol.ts";
import type { Pages } from "./pages.tsx";
import { VIEWS } from "./views.ts";

/** Adds the views. They stand behind the guards of tokens and before those of the API's bodies: they send forms. */
export function registerViews(app: App, doors: Doors, pages: Pages): void {
  for (const { path, nav, title, script, render, act } of VIEWS) {
    app.get(path, async (c) => {
      const rendered = await render(c, doors);
      if (rendered instanceof Response) return rendered;
      return pages.send(c, { title, script, current: nav === undefined ? undefined : path, ...rendered });
    });
    if (act) app.post(path, forms, async (c) => c.redirect(await act(c.get("form")!, c, doors), 303));
  }
}
