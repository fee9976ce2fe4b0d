/** A line of colons and the text behind them. */
export interface Colons {
  indent: string;
  /** Attributes instead of a kind. */
  braced: string;
  /** "" if the line ends a container. */
  kind: string;
  title: string | undefined;
}

const COLONS = /^(\s*):{3,}\s*(?:\{([^}]*)\}|([\w.-]*))\s*(?:\[([^\]]*)\]|(.*?))\s*(?:\{[^}]*\})?\s*$/;

/** The line of colons that opens or ends a container; null for any other line. */
export function colonsAt(line: string): Colons | null {
  const match = COLONS.exec(line);
  if (!match) return null;
  const [, indent = "", braced = "", kind = "", bracketed, title] = match;
  return { indent, braced, kind, title: bracketed ?? title };
}
