import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #52606f; --faint: #66737f; --line: #e1e6ec; --back: #f4f6f8; --card: #fff;
  --good: #0f766e; --bad: #b93a0a; --link: #0b5cad; --warn: #fff7ed; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe6ed; --soft: #a9b5c1; --faint: #93a1ae; --line: #313c47; --back: #12181e;
  --card: #1a222a; --good: #4ac7b8; --bad: #ff9a6b; --link: #7db8f5; --warn: #2b2118; } }
html { color: var(--ink); background: var(--back); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 20px 64px; overflow-wrap: break-word; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; } h2 { font-size: 18px; margin: 0 0 12px; }
p { margin: 0 0 10px; max-width: 90ch; } a { color: var(--link); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; margin: 18px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { min-width: 180px; }
th { font-weight: 600; color: var(--soft); font-size: 13px; } td small, .muted { color: var(--faint); font-size: 12.5px; }
tr.best td { font-weight: 600; } tr.best td small { font-weight: 400; }
.pair { display: flex; flex-wrap: wrap; gap: 12px; } img { max-width: 100%; height: auto; background: #fff; border-radius: 6px; }
.banner { border-left: 4px solid var(--bad); background: var(--warn); } .ok, .gain { color: var(--good); } .no, .loss { color: var(--bad); }
.gain, .loss { white-space: nowrap; }
nav { display: flex; flex-wrap: wrap; gap: 6px 8px; margin: 12px 0; }
nav a { border: 1px solid var(--line); border-radius: 14px; background: var(--card); padding: 2px 12px; font-size: 13px; text-decoration: none; }
details { border-top: 1px solid var(--line); padding: 8px 0; } details:first-of-type { border-top: 0; }
summary { cursor: pointer; font-weight: 600; } details > table { margin-top: 8px; }
@media (max-width: 640px) { body { padding: 16px 10px 40px; } section { padding: 14px 12px; }
  td:first-child { min-width: 130px; } th, td { padding-right: 10px; } .stack th { display: none; }
  .stack tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0; } .stack td { display: block; border: 0; padding: 2px 0; }
  .stack td:nth-child(2)::before { content: "wanted: "; color: var(--faint); } .stack td:nth-child(3)::before { content: "first passage: "; color: var(--faint); }
  .stack td:nth-child(2) div { display: inline; } }
@media print { html { background: #fff; } section { break-inside: avoid-page; } nav { display: none; } }
`;

/** Escapes text for HTML, so that it cannot end an element or an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c,
  );
}

/**
 * A whole page that loads and runs nothing: its content security policy allows only this style sheet and inlined
 * pictures.
 */
export function page(title: string, sections: readonly string[]): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${sections.filter((s) => s !== "").join("\n")}
</body></html>
`;
}

/** An SVG as an image, isolated from the page so that its content cannot run. */
export function picture(svg: string, alternative: string): string {
  const data = Buffer.from(svg).toString("base64");
  return `<img alt="${escapeHtml(alternative)}" src="data:image/svg+xml;base64,${data}">`;
}

/** A table; the cells are already HTML. */
export function table(head: readonly string[], rows: readonly { cells: readonly string[]; mark?: string }[]): string {
  const header = head.map((h) => `<th>${escapeHtml(h)}</th>`).join("");
  const body = rows
    .map(({ cells, mark }) => `<tr${mark ? ` class="${mark}"` : ""}>${cells.map((c) => `<td>${c}</td>`).join("")}</tr>`)
    .join("\n");
  return `<table><thead><tr>${header}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

export function section(title: string, ...content: readonly string[]): string {
  return `<section><h2>${escapeHtml(title)}</h2>\n${content.join("\n")}</section>`;
}

/**
 * A part that opens and closes without script. A link to `id` opens it: browsers open what surrounds a link's target,
 * so the target lies inside.
 */
export function fold(id: string, summary: string, open: boolean, ...content: readonly string[]): string {
  const target = `<span id="${escapeHtml(id)}"></span>`;
  return `<details${open ? " open" : ""}><summary>${escapeHtml(summary)}</summary>${target}\n${content.join("\n")}</details>`;
}
