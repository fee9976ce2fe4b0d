import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Context } from "hono";
import type { App, Env } from "../protocol.ts";
import { pageScripts } from "./scripts.ts";

/** A file that pages load. Its name holds a digest of its content, so a browser may keep it for ever. */
interface Asset {
  path: string;
  type: string;
  content: string;
}

/** The style sheet and the scripts of the pages. They hold nothing of the docs. */
export interface Assets {
  style: Asset;
  /** Made from the sources, as the widget is, with the first call of either. */
  script(): Promise<Asset>;
  /** The custom element for pages of other sites. */
  widget(): Promise<Asset>;
}

/** Parts of the one style sheet, under `style/`, in order. */
const STYLES = ["base", "controls", "layout", "blocks", "desk", "answer", "slope", "receipt", "narrow"];

/** Docs sites name the widget without its digest, so browsers look for a newer one. */
const WIDGET_CACHE = "public, max-age=600";
const FOREVER = "public, max-age=31536000, immutable";

export function createAssets(): Assets {
  const style = STYLES.map((name) => readFileSync(new URL(`style/${name}.css`, import.meta.url), "utf8")).join("\n");
  const scripts = once(scriptAssets);
  return {
    style: asset("page", "css", style),
    script: async () => (await scripts()).ask,
    widget: async () => (await scripts()).widget,
  };
}

/**
 * Serves the files, and `/widget.js`, which pages of any site may load: to ask, their origin must be listed. They need no token: a page that asks for one looks like the others.
 */
export function registerAssets(app: App, assets: Assets): void {
  const send = (c: Context<Env>, { type, content }: Asset, cache: string) =>
    c.body(content, 200, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": cache });
  app.get(assets.style.path, (c) => send(c, assets.style, FOREVER));
  app.get("/assets/:script{ask\\.[0-9a-f]+\\.js}", async (c) => {
    const script = await assets.script();
    return c.req.path === script.path ? send(c, script, FOREVER) : c.notFound();
  });
  app.get("/widget.js", async (c) => {
    c.set("embedded", true);
    return send(c, await assets.widget(), WIDGET_CACHE);
  });
}

function asset(name: string, ending: "css" | "js", content: string): Asset {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const type = ending === "css" ? "text/css" : "text/javascript";
  return { path: `/assets/${name}.${digest}.${ending}`, type, content };
}

async function scriptAssets(): Promise<{ ask: Asset; widget: Asset }> {
  const { ask, widget } = await pageScripts();
  return { ask: asset("ask", "js", ask), widget: asset("widget", "js", widget) };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  const failed = (error: unknown) => {
    made = null;
    throw error;
  };
  return () => (made ??= make().catch(failed));
}
