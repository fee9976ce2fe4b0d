import type { MiddlewareHandler } from "hono";
import { HttpFailure } from "../failure.ts";
import type { Env } from "../protocol.ts";
import { isRead } from "./reads.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/**
 * Reads the body of a write: JSON in valid UTF-8, of at most `limit(path)` bytes, counted as they arrive. `text/plain`
 * and forms are refused, since a page of another site can send them without the browser asking first. Handlers read the
 * body through `c.req`.
 */
export function bodies(limit: (path: string) => number): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (isRead(c)) return next();
    const most = limit(c.req.path);
    if (Number(c.req.header("content-length") ?? 0) > most) throw tooLarge(most);
    const type = c.req.header("content-type");
    const encoding = c.req.header("content-encoding") ?? "identity";
    const wanted = type !== undefined && JSON_TYPE.test(type) && encoding === "identity";
    // A DELETE without a body has no type.
    if (!wanted && (type !== undefined || c.req.method === "POST"))
      throw new HttpFailure(
        415,
        "UnsupportedMediaType",
        "send the body as Content-Type: application/json, uncompressed",
      );
    // The cache holds promises, whatever its type says.
    const text: unknown = Promise.resolve(await textOf(c.req.raw.body, most));
    c.req.bodyCache.text = text as string;
    await next();
  };
}

export async function textOf(body: ReadableStream<Uint8Array> | null, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > most) {
      await reader?.cancel().catch(() => {});
      throw tooLarge(most);
    }
    parts.push(part.value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new HttpFailure(400, "BadInput", "the body is not valid UTF-8");
  }
}

function tooLarge(most: number): HttpFailure {
  return new HttpFailure(413, "BodyTooLarge", `the body is larger than ${most} bytes`);
}
