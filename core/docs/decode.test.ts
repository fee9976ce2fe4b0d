import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { decodePage } from "./decode.ts";

const reason = (text: string | Buffer) => {
  const decoded = decodePage(typeof text === "string" ? Buffer.from(text) : text);
  return "reason" in decoded ? decoded.reason : null;
};

describe("bytes become text", () => {
  it("from UTF-8 with or without BOM, and from UTF-16 of both orders with BOM", () => {
    expect(decodePage(Buffer.from("\ufeffgrüße"))).toEqual({ text: "grüße" });
    expect(decodePage(Buffer.from("\ufeffhi", "utf16le"))).toEqual({ text: "hi" });
    expect(decodePage(Buffer.from("\ufeffhi", "utf16le").swap16())).toEqual({ text: "hi" });
  });

  it("with Windows and old Mac line ends, with unchanged line numbers", () => {
    expect(decodePage(Buffer.from("a\r\n\r\nb\rc\n"))).toEqual({ text: "a\n\nb\nc\n" });
  });

  it("without the bytes of inline pictures, however many; code examples keep them", () => {
    const picture = `data:image/png;base64,${"iVBORw0KGgo+/".repeat(40_000)}==`;
    expect(decodePage(Buffer.from(`a ![plot](${picture} "title") b`))).toEqual({ text: 'a ![plot](data:, "title") b' });
    expect(decodePage(Buffer.from(`<img alt="c" src="${picture}">`))).toEqual({ text: '<img alt="c" src="data:,">' });
    const code = "key: data:text/plain;base64,aGk=";
    expect(decodePage(Buffer.from(code))).toEqual({ text: code });
  });

  it("without the controls that a terminal obeys", () => {
    const hostile = "# Run\u001b[2J\n\u001b]52;c;ZXZpbA==\u0007text\u009b31m\b\u007f\f\n\tkept";
    expect(decodePage(Buffer.from(hostile))).toEqual({ text: "# Run[2J\n]52;c;ZXZpbA==text31m\n\tkept" });
  });

  it("without the controls that make text display differently from how it is stored", () => {
    expect(decodePage(Buffer.from("a\u202eb\u2066c\u2069"))).toEqual({ text: "abc" });
  });
});

describe("bytes that are not a page are refused with the reason", () => {
  it("NUL, invalid UTF-8, half a UTF-16 character", () => {
    expect(reason(Buffer.from([0x61, 0x00, 0x62]))).toMatch(/NUL/);
    expect(reason(Buffer.from([0xc3, 0x28]))).toMatch(/not valid UTF-8/);
    expect(reason(Buffer.from([0xff, 0xfe, 0x41]))).toMatch(/not valid UTF-16LE/);
  });

  it.each([
    ["a 50 MB line", "x".repeat(50_000_000), /larger than 5 MB/],
    ["a 1 MB line", "x".repeat(1_000_000), /line of 1000000 characters/],
    ["100,000 headings", "# h\n".repeat(100_000), /headings/],
    ["quotes nested 10,000 deep", "> ".repeat(10_000), /nested/],
    ["lists nested 10,000 deep on one line", "- ".repeat(10_000), /nested/],
    ["lists nested by indentation", Array.from({ length: 900 }, (_, i) => `${"  ".repeat(i)}- a`).join("\n"), /nested/],
    ["10,000 brackets", "[".repeat(10_000), /punctuation/],
    ["5 MB of runs just within the limit", `${"*".repeat(999)}\n`.repeat(4999), null],
    ["a line of blanks", " ".repeat(199_999), null],
  ])("%s, in bounded time", (_name, text, expected) => {
    let found: string | null = null;
    expect(
      processorMs(() => {
        found = reason(text);
      }),
    ).toBeLessThan(2000);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatch(expected);
  });
});
