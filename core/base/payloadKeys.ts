import { readFileSync } from "node:fs";
import { WinnowError } from "./errors.ts";

/** Keys of payloads by their names; the first in the operator's list encrypts, all of them decrypt. */
export interface PayloadKeys {
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}

const KEY_BYTES = 32;

/**
 * The keys of WINNOW_PAYLOAD_KEYS, `name:base64` of 32 random bytes each, separated by commas or lines, or of the file
 * WINNOW_PAYLOAD_KEYS_FILE; null where neither is set: payloads are as Temporal stores them. Throws BadInput naming the
 * key, and never its content.
 */
export function payloadKeys(env: Record<string, string | undefined>): PayloadKeys | null {
  const file = env.WINNOW_PAYLOAD_KEYS_FILE;
  const text = env.WINNOW_PAYLOAD_KEYS || (file ? readKeyFile(file) : "");
  const lines = text.split(/[,\n]/).map((line) => line.trim());
  const keys = new Map<string, Buffer>();
  for (const line of lines.filter((line) => line !== "" && !line.startsWith("#"))) {
    const at = line.indexOf(":");
    const name = at > 0 ? line.slice(0, at).trim() : "";
    if (!/^[\w.-]{1,64}$/.test(name)) throw wrong(`key ${keys.size + 1} has no name of letters, digits, "." "_" "-"`);
    const key = Buffer.from(line.slice(at + 1).trim(), "base64");
    if (key.length !== KEY_BYTES) throw wrong(`key ${name} has ${key.length} bytes, not ${KEY_BYTES}`);
    if (keys.has(name)) throw wrong(`there are two keys called ${name}`);
    keys.set(name, key);
  }
  const [current] = keys.keys();
  if (current !== undefined) return { current, keys };
  if (file || env.WINNOW_PAYLOAD_KEYS) throw wrong("there is no key");
  return null;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw wrong(`the file ${file} cannot be read`);
  }
}

function wrong(what: string): WinnowError {
  return new WinnowError(
    "BadInput",
    `WINNOW_PAYLOAD_KEYS: ${what}. A key is NAME:BASE64, of \`openssl rand -base64 32\`; the first encrypts, all decrypt.`,
  );
}
