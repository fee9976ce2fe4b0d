import { markedEncoding } from "../byteOrderMark.ts";
import { charsetOf } from "../formats/html/charset.ts";

const BYTE_ORDER_MARK = "\ufeff";

/**
 * A page in UTF-8 with a byte order mark if its Content-Type states another encoding than the page's own bytes, as the
 * file keeps no Content-Type. Browsers put that encoding before a `meta` element, and a mark before both. A page that is
 * not valid in the stated encoding stays as it is.
 */
export function withStatedCharset(body: Buffer, contentType: string): Buffer {
  const name = /;\s*charset\s*=\s*["']?([\w:.-]{1,40})/i.exec(contentType)?.[1];
  if (name === undefined || markedEncoding(body) !== null) return body;
  try {
    const decoder = new TextDecoder(name, { fatal: true });
    if (decoder.encoding === (charsetOf(body) ?? "utf-8")) return body;
    return Buffer.from(BYTE_ORDER_MARK + decoder.decode(body));
  } catch {
    return body;
  }
}
