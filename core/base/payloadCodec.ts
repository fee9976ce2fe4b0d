import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { WinnowError } from "./errors.ts";
import type { PayloadKeys } from "./payloadKeys.ts";

/** A Temporal payload: temporal.api.common.v1.Payload. */
export interface Payload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}

const ENCODING = "binary/encrypted";
const CIPHER = "AES-256-GCM";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts payloads with AES-256-GCM (NIST SP 800-38D): questions, passages and paths stay hidden from Temporal's
 * database and Web UI. The key's name is in the metadata, unencrypted and authenticated. Payloads written before
 * encryption was configured pass unchanged. `decode` throws BadInput for an unknown key, and CorruptArtifact for a
 * payload that was changed.
 */
export class PayloadEncryption {
  constructor(private readonly keys: PayloadKeys) {}

  async encode<T extends Payload>(payloads: T[]): Promise<Payload[]> {
    return payloads.map((payload) => this.encrypt(payload));
  }

  async decode<T extends Payload>(payloads: T[]): Promise<Payload[]> {
    return payloads.map((payload) => (textOf(payload, "encoding") === ENCODING ? this.decrypt(payload) : payload));
  }

  private encrypt(payload: Payload): Payload {
    const { current, keys } = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", keys.get(current)!, nonce).setAAD(Buffer.from(current));
    const hidden = Buffer.concat([cipher.update(pack(payload)), cipher.final()]);
    return {
      metadata: {
        encoding: Buffer.from(ENCODING),
        "encryption-cipher": Buffer.from(CIPHER),
        "encryption-key-id": Buffer.from(current),
      },
      data: Buffer.concat([nonce, cipher.getAuthTag(), hidden]),
    };
  }

  private decrypt(payload: Payload): Payload {
    const name = textOf(payload, "encryption-key-id");
    const key = this.keys.keys.get(name);
    if (!key) {
      const known = [...this.keys.keys.keys()].join(", ");
      throw new WinnowError(
        "BadInput",
        `A payload is encrypted with key ${name || "(no name)"}, but WINNOW_PAYLOAD_KEYS has ${known}: keep old keys in the list until their workflows are gone`,
      );
    }
    const data = Buffer.from(payload.data ?? []);
    const [nonce, tag] = [data.subarray(0, NONCE_BYTES), data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)];
    try {
      const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(name))
        .setAuthTag(tag);
      return unpack(Buffer.concat([cipher.update(data.subarray(NONCE_BYTES + TAG_BYTES)), cipher.final()]));
    } catch (cause) {
      throw new WinnowError("CorruptArtifact", `A payload does not decrypt with its key ${name}: it was changed`, {
        cause,
      });
    }
  }
}

/** Length of the metadata (uint32, big-endian), the metadata as JSON with base64 values, then the data. */
function pack({ metadata, data }: Payload): Buffer {
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(values)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  // Temporal passes an empty array, not bytes, for a payload without data.
  return Buffer.concat([length, head, Buffer.from(data ?? [])]);
}

function unpack(bytes: Buffer): Payload {
  const end = 4 + bytes.readUInt32BE(0);
  const values: Record<string, string> = JSON.parse(bytes.subarray(4, end).toString());
  const metadata = Object.entries(values).map(([name, value]) => [name, Buffer.from(value, "base64")]);
  return { metadata: Object.fromEntries(metadata), data: bytes.subarray(end) };
}

function textOf({ metadata }: Payload, name: string): string {
  const value = metadata?.[name];
  return value ? Buffer.from(value).toString() : "";
}
