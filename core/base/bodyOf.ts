import { WinnowError } from "./errors.ts";

/** The body of a request as text. Throws BadInput once more than `maxBytes` have arrived. */
export async function bodyOf(request: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const { bytes, isWhole } = await beginningOf(request, maxBytes);
  if (isWhole) return bytes.toString("utf8");
  throw new WinnowError("BadInput", `the body is over ${maxBytes} bytes`);
}

/** The first `maxBytes` of a body, and whether they are all of it. Reads no further. */
export async function beginningOf(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    parts.push(part);
    if (bytes > maxBytes) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, maxBytes), isWhole: bytes <= maxBytes };
}
