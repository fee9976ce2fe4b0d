import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import { VIEWS } from "../views.ts";

/** A page around its main part. */
export interface Document {
  title: string;
  /** Address of the style sheet. */
  style: string;
  /** Address of the script, for views that have one. */
  script?: string;
  /** Path of the view, to mark it in the navigation. */
  current?: string;
  /** The browser signed in by a token, so it can sign out. */
  signedIn?: boolean;
  /** Path that is opened at once: the browser withheld its cookie from a link of another site, and sends it to the page itself. */
  again?: string;
  main: VNode;
}

/** The whole page as HTML. Text is escaped; nothing in it is inline script or style. */
export function documentOf(page: Document): string {
  return `<!doctype html>\n${render(<Page {...page} />)}\n`;
}

function Page({ title, style, script, current, signedIn, again, main }: Document) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {again && <meta http-equiv="refresh" content={`0;url=${again}`} />}
        <title>{`${title} - Winnow`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={style} />
        {script && <script src={script} defer />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <a class="brand" href="/">
            Winnow
          </a>
          <Navigation current={current} />
          {signedIn && (
            <form class="leave" method="post" action="/logout">
              <button type="submit">Sign out</button>
            </form>
          )}
        </header>
        <main id="main" tabindex={-1}>
          {main}
        </main>
        <footer class="foot">
          <a href="/docs">HTTP API</a>
          <a href="/openapi.json">openapi.json</a>
        </footer>
      </body>
    </html>
  );
}

function Navigation({ current }: Pick<Document, "current">) {
  return (
    <nav aria-label="Views">
      <ul>
        {VIEWS.filter(({ nav }) => nav !== undefined).map(({ path, nav }) => (
          <li key={path}>
            <a href={path} aria-current={path === current ? "page" : undefined}>
              {nav}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
