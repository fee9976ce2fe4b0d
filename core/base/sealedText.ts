import { WinnowError } from "./errors.ts";
import { type Payload, PayloadEncryption } from "./payloadCodec.ts";
import type { PayloadKeys } from "./payloadKeys.ts";

/** A payload as JSON, its bytes in base64: protobuf's JSON form. */
export interface JsonPayload {
  metadata?: Record<string, string>;
  data?: string;
}

/** Texts at rest, encrypted with the payload keys where these are set. */
export interface TextSeal {
  /** Returns the text as it is to be stored. */
  seal(text: string): Promise<string>;
  /**
   * Returns a stored text as it was given. A text that was stored before there were keys passes unchanged. Throws
   * BadInput for a key that is not set here, and CorruptArtifact for a text that was changed.
   */
  open(stored: string): Promise<string>;
}

const PLAIN = { encoding: Buffer.from("json/plain") };

/**
 * Seals texts as Temporal's payloads are sealed, so that `winnow codec` decrypts them too. Without keys they stay as
 * they are.
 */
export function textSeal(keys: PayloadKeys | null): TextSeal {
  const codec = keys && new PayloadEncryption(keys);
  return {
    async seal(text) {
      if (!codec) return text;
      const [payload] = await codec.encode([{ metadata: PLAIN, data: Buffer.from(text) }]);
      return JSON.stringify({ sealed: payloadToJson(payload!) });
    },
    async open(stored) {
      const { sealed } = (JSON.parse(stored) ?? {}) as { sealed?: JsonPayload };
      if (sealed === undefined) return stored;
      if (!codec) throw new WinnowError("BadInput", "It is encrypted: set WINNOW_PAYLOAD_KEYS to read it");
      const [payload] = await codec.decode([payloadOfJson(sealed)]);
      return Buffer.from(payload!.data ?? []).toString();
    },
  };
}

export function payloadToJson({ metadata, data }: Payload): JsonPayload {
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString("base64")]);
  return { metadata: Object.fromEntries(values), data: Buffer.from(data ?? []).toString("base64") };
}

export function payloadOfJson({ metadata, data }: JsonPayload): Payload {
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, "base64")]);
  return { metadata: Object.fromEntries(values), data: Buffer.from(data ?? "", "base64") };
}
