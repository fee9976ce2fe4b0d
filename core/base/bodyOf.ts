import { WinnowError } from "./errors.ts";

/** The body of a request as text. Throws BadInput once more than `maxBytes` have arrived. */
export async function bodyOf(request: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > maxBytes) throw new WinnowError("BadInput", `the body is over ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
