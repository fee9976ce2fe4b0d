/** Fence for code whose own marks were not backticks, because the code may contain shorter fences. */
export const LONG_FENCE = "``````";

/** A fence's language. Numbers in braces are lines, not a language. */
const LANGUAGE = /^\s*(?:\{\s*\.?(?=[A-Za-z])|\.?)([\w+#-]+)(?![\w+#=-])/;
const TITLE = /(?:^|[\s{,])(?:title|filename|caption|file|label)=(?:"([^"]*)"|'([^']*)'|([^\s"'}]+))/;
/** Unlabelled titles: VitePress's `[npm]`, a file's name after the language, `js:src/a.js`. */
const BARE_TITLE = /^\s*[\w+#-]*(?:\s+\[([^\]]+)\]|\s+([\w./-]+\.[A-Za-z]\w{0,9})(?=\s|$)|:([\w./-]+\.\w+))/;

/** A directive of a MyST extension with its argument. R Markdown puts options there. */
const DIRECTIVE = /^\s*\{([A-Za-z][\w:+.-]*)\}\s+([^={}]+)$/;

/**
 * The information after a fence as language and, after a space, the title that readers see above the code. Drops a
 * generator's additions: marked lines, line numbers.
 */
export function fenceInfo(info: string): string {
  const directive = DIRECTIVE.exec(info);
  if (directive) return withTitle(directive[1]!, directive[2]!);
  const language = LANGUAGE.exec(info)?.[1] ?? "";
  const match = TITLE.exec(info) ?? BARE_TITLE.exec(info);
  return withTitle(language, match?.slice(1).find(Boolean) ?? "");
}

/** Adds a title. A title without a language before it would be read as the language. */
export function withTitle(language: string, title: string): string {
  const shown = title.replace(/`/g, "").replace(/\s+/g, " ").trim();
  return shown === "" ? language : `${language || "text"} ${shown}`;
}
