import { html } from "hono/html";
import { type Field, fieldsOf, type Schema } from "./docsFields.ts";

/** Parts of an OpenAPI document that the page shows. */
export interface Described {
  info: { title: string; description?: string };
  paths?: Record<string, unknown>;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema; description?: string }[];
  requestBody?: Content;
  responses?: Record<string, Content & { description?: string }>;
}

type Html = ReturnType<typeof html>;

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The page `/docs`: every route of the document. It needs no script, and all its text is escaped. */
export function docsPage({ info, paths = {} }: Described): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = (methods as Record<string, Operation | undefined>)[method];
      return operation ? [{ path, method: method.toUpperCase(), operation }] : [];
    }),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} API</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <main>
          <h1>${info.title} API</h1>
          <p>${info.description}</p>
          <p>The same as a document for tools: <a href="/openapi.json">openapi.json</a></p>
          <nav aria-label="Routes">
            <ul>
              ${operations.map(
                ({ path, method, operation }) =>
                  html`<li><a href="#${anchor(method, path)}"><code>${method} ${path}</code></a> ${inline(operation.summary ?? "")}</li>`,
              )}
            </ul>
          </nav>
          ${operations.map(({ path, method, operation }) => section(path, method, operation))}
        </main>
      </body>
    </html>`;
}

function anchor(method: string, path: string): string {
  return `${method}${path}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function section(path: string, method: string, operation: Operation): Html {
  const { summary, description = "", parameters = [], requestBody, responses = {} } = operation;
  const given = parameters.map(
    ({ name, in: place, required, schema, description }): Field => ({
      ...fieldsOf({ properties: { [name]: schema ?? {} }, required: required ? [name] : [] })[0]!,
      about: [description ?? schema?.description, `In the ${place}.`].filter(Boolean).join(" "),
    }),
  );
  return html`<section id="${anchor(method, path)}">
    <h2><code>${method} ${path}</code></h2>
    <p>${inline(summary ?? "")}</p>
    ${blocks(description)} ${given.length > 0 ? fields("Parameters", given) : ""}
    ${bodies("Body", requestBody)}
    ${Object.entries(responses).map(
      ([status, response]) =>
        html`<h3>${status}</h3>
          ${blocks(response.description ?? "")} ${bodies(`Fields of ${status}`, response)}`,
    )}
  </section>`;
}

function bodies(title: string, { content = {} }: Content = {}): Html[] {
  return Object.entries(content).map(([type, { schema }]) => {
    const rows = fieldsOf(schema ?? {});
    return rows.length > 0 ? fields(`${title}, ${type}`, rows) : html`<p><code>${type}</code></p>`;
  });
}

function fields(title: string, rows: Field[]): Html {
  return html`<table>
    <caption>${title}</caption>
    <thead><tr><th scope="col">field</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead>
    <tbody>
      ${rows.map(
        ({ name, type, about, required }) =>
          html`<tr><td><code>${name}</code>${required ? "" : " (optional)"}</td><td>${type}</td><td>${inline(about)}</td></tr>`,
      )}
    </tbody>
  </table>`;
}

/** Paragraphs and lists, with code in backticks. */
function blocks(text: string): Html[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block !== "")
    .map((block) =>
      block.startsWith("- ")
        ? html`<ul>${block.split("\n").map((item) => html`<li>${inline(item.slice(2))}</li>`)}</ul>`
        : html`<p>${inline(block)}</p>`,
    );
}

function inline(text: string): (Html | string)[] {
  return text.split("`").map((piece, at) => (at % 2 === 1 ? html`<code>${piece}</code>` : piece));
}

export const STYLE = `:root { color-scheme: light dark; background: Canvas; color: CanvasText; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid; overflow-wrap: anywhere; }
`;
