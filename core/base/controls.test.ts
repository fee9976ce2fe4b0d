import fc from "fast-check";
import { expect, test } from "vitest";
import { onOneLine, safeJson, visibleName, withoutControls } from "./controls.ts";

const HOSTILE = "a\u001b[2J\u001b]52;c;ZXZpbA==\u0007b\u009b31m\u0090q\u009c\u202egnp\u2069\u007f\b\ufdd1c";
// biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may remain
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef]/;

test("controls that a terminal obeys and characters that reorder text are taken out", () => {
  expect(withoutControls(HOSTILE)).toBe("a[2J]52;c;ZXZpbA==b31mqgnpc");
  expect(withoutControls("a\tb\r\nc\rd\n")).toBe("a\tb\nc\nd\n");
  expect(withoutControls("ü ポッド 🦀 👩‍👩‍👧 \u200f")).toBe("ü ポッド 🦀 👩‍👩‍👧 \u200f");
});

test("a name stays on one line", () => {
  expect(onOneLine("evil\n2024 ERROR all is lost\u2028x\ty")).toBe("evil 2024 ERROR all is lost x y");
});

test("a name with such characters shows their codes", () => {
  expect(visibleName("a\u001b[2J\u202eb\nc\u009b.md")).toBe("a\\u001b[2J\\u202eb\\u000ac\\u009b.md");
  expect(visibleName("docs/ü ポッド.md")).toBe("docs/ü ポッド.md");
});

test("JSON holds none raw and parses to the same value", () => {
  expect(safeJson({ a: HOSTILE })).not.toMatch(RAW);
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      expect(safeJson(value)).not.toMatch(RAW);
      expect(JSON.parse(safeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
