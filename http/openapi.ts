import type { Access } from "./access.ts";
import { docsPage, STYLE } from "./docsPage.ts";
import type { App } from "./protocol.ts";

const INFO = {
  title: "Winnow",
  version: "1",
  description:
    "Answers about your docs, each with citations and a receipt, or an honest refusal. All protocols give the same answers.",
};

/** `/openapi.json`, and the page `/docs` that shows it. They need no token: they hold nothing of the docs. */
export function registerDescription(app: App, { tokens }: Pick<Access, "tokens">): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  // The routes are registered after this one.
  const described = () =>
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: INFO,
      servers: [{ url: "/" }],
      ...(tokens.length > 0 ? { security: [{ token: [] }] } : {}),
    });
  app.get("/openapi.json", (c) => c.json(described()));
  app.get("/docs", (c) => c.html(docsPage(described())));
  app.get("/docs/style.css", (c) => c.body(STYLE, 200, { "Content-Type": "text/css; charset=utf-8" }));
}
