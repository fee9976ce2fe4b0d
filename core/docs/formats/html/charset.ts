/** Bytes in which a browser looks for a page's encoding. */
const HEAD = 1024;
const DECLARED =
  /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{1,40})/i;
/** What browsers assume of pages that state nothing and are not UTF-8. */
const FALLBACK = "windows-1252";

/** The encoding that a page states. Null for UTF-8, which a byte order mark states before all else, and for names that no browser knows. */
export function charsetOf(bytes: Buffer): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return null;
  const [, meta, xml] = DECLARED.exec(bytes.toString("latin1", 0, HEAD)) ?? [];
  const name = meta ?? xml;
  if (name === undefined) return isUtf8(bytes) ? null : FALLBACK;
  try {
    const { encoding } = new TextDecoder(name);
    // A page cannot state UTF-16 in bytes that are ASCII: browsers read it as UTF-8.
    return encoding.startsWith("utf-") ? null : encoding;
  } catch {
    return null;
  }
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
