/**
 * Style of `<winnow-ask>`. It takes the colour and the font of the page around it, and can be changed by the custom
 * properties `--winnow-accent`, `--winnow-on-accent`, `--winnow-background`, `--winnow-border`, `--winnow-radius`.
 */
export const WIDGET_STYLE = `
:host { display: block; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.winnow {
  --line: var(--winnow-border, color-mix(in srgb, currentColor 25%, transparent));
  --sunk: color-mix(in srgb, currentColor 7%, transparent);
  --round: var(--winnow-radius, 6px);
  background: var(--winnow-background, transparent);
  overflow-wrap: break-word;
  line-height: 1.5;
}
label { display: block; font-weight: 600; margin-bottom: 0.35em; }
.row { display: flex; flex-wrap: wrap; gap: 0.5em; }
input { flex: 1 1 12em; min-width: 0; font: inherit; color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 60%, transparent); border-radius: var(--round); padding: 0.45em 0.7em; }
button { font: inherit; cursor: pointer; border-radius: var(--round); border: 1px solid var(--winnow-accent, #0f766e); background: var(--winnow-accent, #0f766e); color: var(--winnow-on-accent, #fff); padding: 0.45em 0.9em; }
button.plain { background: transparent; color: inherit; border-color: var(--line); }
button.cite { background: none; border: 0; padding: 0 0.15em; color: inherit; text-decoration: underline; font-size: 0.9em; }
:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
p { margin: 0.6em 0; }
.status { min-height: 1.5em; opacity: 0.8; font-size: 0.9em; margin-bottom: 0; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.faint { opacity: 0.8; font-size: 0.9em; }
.caution { font-weight: 600; }
.text { white-space: pre-wrap; }
.draft { border-left: 3px dashed var(--line); padding-left: 0.8em; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.9em; background: var(--sunk); border-radius: 4px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.7em; overflow-x: auto; }
pre code { background: none; padding: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3em 0.8em 0.3em 0; text-align: left; }
.sources { list-style: none; padding: 0; margin: 0; }
.sources li { border: 1px solid var(--line); border-radius: var(--round); margin-bottom: 0.4em; padding: 0.4em 0.7em; }
summary { cursor: pointer; }
blockquote { margin: 0.5em 0; padding: 0.5em 0.7em; background: var(--sunk); border-radius: var(--round); white-space: pre-wrap; }
a { color: inherit; }
mark { background: none; color: inherit; font-weight: 600; }
`;
