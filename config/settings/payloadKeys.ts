import { readFileSync } from "node:fs";
import type { WinnowError } from "../../core/base/errors.ts";
import type { PayloadKeys } from "../../core/base/payloadKeys.ts";
import { path, refused, text } from "../kinds.ts";
import { type Group, type Kind, type Reading, setting } from "../schema.ts";

const KEY_BYTES = 32;

const keyList: Kind<string> = { ...text, type: "`NAME:BASE64,...`" };

const KEYS = setting({
  name: "WINNOW_PAYLOAD_KEYS",
  kind: keyList,
  default: "the content of `WINNOW_PAYLOAD_KEYS_FILE`",
  help: "Keys of 32 bytes, separated by commas. The first encrypts, and all of them decrypt. A new key is made by `openssl rand -base64 32`.",
  secret: true,
  readBy: ["workers", "cli"],
});

const KEYS_FILE = setting({
  name: "WINNOW_PAYLOAD_KEYS_FILE",
  kind: path,
  default: "none: Temporal stores payloads as they are",
  help: "File with one key a line. Lines that start with `#` are comments.",
  readBy: ["workers", "cli"],
});

export const ENCRYPTION: Group = {
  title: "Encryption of payloads",
  about: "Keys that hide inputs and results from the Temporal server. Set the same keys for workers and command alike.",
  settings: [KEYS, KEYS_FILE],
};

/**
 * Returns the keys of both settings, or null if neither is set. Throws BadInput, which names the key but not its value.
 */
export function readPayloadKeys({ get }: Reading): PayloadKeys | null {
  const file = get(KEYS_FILE);
  const given = get(KEYS);
  const lines = (given ?? (file ? readKeyFile(file) : "")).split(/[,\n]/).map((line) => line.trim());
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
  if (file || given) throw wrong("there is no key");
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
  return refused(
    `WINNOW_PAYLOAD_KEYS: ${what}. A key is NAME:BASE64, of \`openssl rand -base64 32\`; the first encrypts, all decrypt.`,
  );
}
