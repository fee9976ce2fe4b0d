import { describe, expect, it } from "vitest";
import { readingOf } from "../reading.ts";
import { readPayloadKeys } from "./payloadKeys.ts";

const key = (name: string, byte: number) => `${name}:${Buffer.alloc(32, byte).toString("base64")}`;
const at = (env: Record<string, string>) => readPayloadKeys(readingOf(env));

describe("payload keys", () => {
  it("are absent if none is set", () => {
    expect(at({})).toBeNull();
  });

  it.each([
    ["a:c2hvcnQ=", /key a has 5 bytes, not 32/],
    ["c2hvcnQ=", /key 1 has no name/],
    [`${key("a", 1)},${key("a", 2)}`, /two keys called a/],
    [" , ", /there is no key/],
  ])("that are malformed are refused without being shown: %s", (text, message) => {
    expect(() => at({ WINNOW_PAYLOAD_KEYS: text })).toThrow(message);
    expect(() => at({ WINNOW_PAYLOAD_KEYS: text })).not.toThrow(/c2hvcnQ/);
  });

  it("from an unreadable file are refused with the file's name", () => {
    expect(() => at({ WINNOW_PAYLOAD_KEYS_FILE: "/absent/keys" })).toThrow(/\/absent\/keys cannot be read/);
  });
});
