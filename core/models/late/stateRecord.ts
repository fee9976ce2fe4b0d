import { createHash } from "node:crypto";
import type { TokenStates } from "./tokenStates.ts";

const MAGIC = 0x31534e57; // "WNS1"
const DIGEST_BYTES = 32;
const [TEXT_AT, DIGEST_AT] = [8, 8 + DIGEST_BYTES];
/** Magic and length of the states as u32, digest of the text, digest of the record. */
export const HEADER_BYTES = 8 + 2 * DIGEST_BYTES;

export interface RecordHeader {
  /** SHA-256 of the text's tokens, in hex. */
  text: string;
  /** Length of the states that follow. */
  bytes: number;
  digest: string;
}

export function headerOf(layers: string, text: string, states: TokenStates): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(states.byteLength, 4);
  header.write(text, TEXT_AT, "hex");
  header.write(recordDigest(layers, text, states), DIGEST_AT, "hex");
  return header;
}

/** Null if the bytes are no header. */
export function readHeader(header: Buffer): RecordHeader | null {
  if (header.readUInt32LE(0) !== MAGIC) return null;
  const text = header.toString("hex", TEXT_AT, DIGEST_AT);
  return { text, bytes: header.readUInt32LE(4), digest: header.toString("hex", DIGEST_AT) };
}

/** SHA-256 of states with what they belong to, so that a record in the wrong place is found out too. */
export function recordDigest(layers: string, text: string, states: TokenStates): string {
  return createHash("sha256").update(layers).update(text).update(states).digest("hex");
}
