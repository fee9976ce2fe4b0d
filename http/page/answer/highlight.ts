import type { Element } from "hast";
import { common, createLowlight } from "lowlight";

const lowlight = createLowlight(common);
/** Longer code is shown without colours: they would take longer than the rest of the page. */
const MAX_COLOURED = 20_000;

/** The code with its words marked by kind, as elements `span` of classes `hljs-...`. */
export function highlighted(code: Element): Element {
  const language = languageOf(code);
  const text = code.children.map((child) => (child.type === "text" ? child.value : "")).join("");
  if (language === null || text.length > MAX_COLOURED || !lowlight.registered(language)) return code;
  return { ...code, children: lowlight.highlight(language, text).children as Element["children"] };
}

function languageOf({ properties: { className } }: Element): string | null {
  return /^language-(.+)$/.exec(Array.isArray(className) ? String(className[0]) : "")?.[1] ?? null;
}
