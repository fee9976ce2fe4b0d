import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readingOf } from "../../config/reading.ts";
import { readPayloadKeys } from "../../config/settings/payloadKeys.ts";
import { PayloadEncryption } from "./payloadCodec.ts";

const key = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString("base64")}`;
const codecOf = (text: string) => new PayloadEncryption(readPayloadKeys(readingOf({ WINNOW_PAYLOAD_KEYS: text }))!);
const secret = { metadata: { encoding: Buffer.from("json/plain") }, data: Buffer.from('"how do I drain a node?"') };

describe("payload encryption", () => {
  it("decrypts what it encrypted, and the ciphertext shows no plain text", async () => {
    const codec = codecOf(key("a", 1));
    const [hidden] = await codec.encode([secret]);
    expect(Buffer.from(hidden!.data!).toString("latin1")).not.toContain("drain");
    expect(Buffer.from(hidden!.metadata!.encoding!).toString()).toBe("binary/encrypted");
    expect(await codec.decode([hidden!])).toEqual([secret]);
    const [again] = await codec.encode([secret]);
    expect(Buffer.compare(Buffer.from(again!.data!), Buffer.from(hidden!.data!))).not.toBe(0);
  });

  it("keeps payloads of any bytes, empty payloads, and payloads that were never encrypted", async () => {
    const codec = codecOf(key("a", 1));
    for (const payload of [
      { metadata: {}, data: randomBytes(70_000) },
      { metadata: {}, data: Buffer.alloc(0) },
    ]) {
      expect(await codec.decode(await codec.encode([payload]))).toEqual([payload]);
    }
    expect(await codec.decode([secret])).toEqual([secret]);
  });

  it("decrypts with an old key that is still listed, and encrypts with the first", async () => {
    const [old] = await codecOf(key("a", 1)).encode([secret]);
    const rotated = codecOf(`${key("b", 2)},${key("a", 1)}`);
    expect(await rotated.decode([old!])).toEqual([secret]);
    const [fresh] = await rotated.encode([secret]);
    await expect(codecOf(key("a", 1)).decode([fresh!])).rejects.toThrow(
      /encrypted with key b, .* has a: keep old keys/,
    );
  });

  it("rejects a payload that was changed or names another key", async () => {
    const codec = codecOf(`${key("a", 1)},${key("b", 1)}`);
    const [hidden] = await codec.encode([secret]);
    const data = Buffer.from(hidden!.data!);
    data[40]! ^= 1;
    await expect(codec.decode([{ ...hidden, data }])).rejects.toThrow(
      /does not decrypt with its key a: it was changed/,
    );
    const renamed = { ...hidden!.metadata!, "encryption-key-id": Buffer.from("b") };
    await expect(codec.decode([{ ...hidden, metadata: renamed }])).rejects.toThrow(/its key b/);
  });
});
