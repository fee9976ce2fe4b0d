import { createHash } from "node:crypto";

const STYLE = `
:root { color: #1d2733; background: #f4f6f8; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 20px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 0 0 12px; }
p { margin: 0 0 10px; max-width: 90ch; } .lead { color: #52606f; }
section { background: #fff; border: 1px solid #e1e6ec; border-radius: 10px; padding: 20px 22px; margin: 18px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid #edf0f4; vertical-align: top; }
td:first-child { min-width: 220px; }
th { font-weight: 600; color: #52606f; font-size: 13px; } td small, .muted { color: #6b7885; font-size: 12.5px; }
tr.best td { font-weight: 600; } tr.best td small { font-weight: 400; }
.pair { display: flex; flex-wrap: wrap; gap: 12px; } img { max-width: 100%; height: auto; }
.banner { border-left: 4px solid #c2410c; background: #fff7ed; } .ok { color: #0f766e; } .no { color: #c2410c; }
.gain { color: #0f766e; white-space: nowrap; } .loss { color: #c2410c; white-space: nowrap; }
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
