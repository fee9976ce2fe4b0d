import { expect, it } from "vitest";
import { FORMATS } from "./index.ts";
import { describeFormat } from "./testing/formatSuite.ts";

it("format names are unique", () => {
  const names = FORMATS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

for (const format of FORMATS) describeFormat(format);
