/** For code whose own marks were no fence of backticks: it may hold shorter ones. */
export const LONG_FENCE = "``````";

/** Numbers in braces are lines. */
const LANGUAGE = /^\s*(?:\{\s*\.?(?=[A-Za-z])|\.?)([\w+#-]+)(?![\w+#=-])/;
const TITLE = /(?:^|[\s{,])(?:title|filename|caption|file|label)=(?:"([^"]*)"|'([^']*)'|([^\s"'}]+))/;
/** What stands for a title without saying so: VitePress's `[npm]`, a file's name after the language, `js:src/a.js`. */
const BARE_TITLE = /^\s*[\w+#-]*(?:\s+\[([^\]]+)\]|\s+([\w./-]+\.[A-Za-z]\w{0,9})(?=\s|$)|:([\w./-]+\.\w+))/;

/** A directive of some extension of MyST, with what it is about; R Markdown sets options there. */
const DIRECTIVE = /^\s*\{([A-Za-z][\w:+.-]*)\}\s+([^={}]+)$/;

/**
 * The information after a fence as language and, after a space, the title that readers see above the code; without what
 * a generator adds: marked lines, line numbers.
 */
export function fenceInfo(info: string): string {
  const directive = DIRECTIVE.exec(info);
  if (directive) return withTitle(directive[1]!, directive[2]!);
  const language = LANGUAGE.exec(info)?.[1] ?? "";
  const match = TITLE.exec(info) ?? BARE_TITLE.exec(info);
  return withTitle(language, match?.slice(1).find(Boolean) ?? "");
}

/** A title needs a language before it, or it would be taken for one. */
export function withTitle(language: string, title: string): string {
  const shown = title.replace(/`/g, "").replace(/\s+/g, " ").trim();
  return shown === "" ? language : `${language || "text"} ${shown}`;
}

/** True for the line that ends what `fence` opened. */
export function closesFence(line: string, fence: string): boolean {
  const text = line.trim();
  return text.startsWith(fence) && text.replaceAll(fence[0]!, "") === "";
}
