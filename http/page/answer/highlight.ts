import type { Element } from "hast";
import { common, createLowlight } from "lowlight";

const lowlight = createLowlight(common);
/** Longer code is shown without colours: they would take longer than the rest of the page. */
const MAX_COLOURED = 20_000;

/** The code with its words marked by kind, as elements `span` of classes `hljs-...`. */
export function highlighted({ tagName, properties, children }: Element): Element {
  const language = languageOf(properties);
  const text = children.map((child) => (child.type === "text" ? child.value : "")).join("");
  const plain: Element = { type: "element", tagName, properties, children: [{ type: "text", value: text }] };
  if (language === null || text.length > MAX_COLOURED || !lowlight.registered(language)) return plain;
  return { ...plain, children: lowlight.highlight(language, text).children as Element["children"] };
}

function languageOf({ className }: Element["properties"]): string | null {
  return /^language-(.+)$/.exec(Array.isArray(className) ? String(className[0]) : "")?.[1] ?? null;
}
