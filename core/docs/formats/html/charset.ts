import { isUtf8 } from "node:buffer";

/** Bytes in which a browser looks for a page's encoding. */
const HEAD = 1024;
const DECLARED =
  /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{1,40})|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{1,40})/i;
/** What browsers assume of pages that state nothing and are not UTF-8. */
const FALLBACK = "windows-1252";

/** The encoding of a page without a byte order mark. Null for UTF-8, and for names that no browser knows. */
export function charsetOf(bytes: Buffer): string | null {
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
