import { expect, it } from "vitest";
import { parsePassageId, passageIdOf } from "./ids.ts";

it("names release and passage, and is read back", () => {
  const id = passageIdOf("6e3b8fbe3b36", "7cd2ead0acb6c6b6");
  expect(parsePassageId(id)).toEqual({ release: "6e3b8fbe3b36", passage: "7cd2ead0acb6c6b6" });
  expect(parsePassageId("7cd2ead0acb6c6b6")).toEqual({ passage: "7cd2ead0acb6c6b6" });
});

it.each(["", "../etc/passwd", "a/b/c", "https://example.com", "6e3b/"])("refuses %j with the way to an id", (id) => {
  expect(() => parsePassageId(id)).toThrow(/is no id of a passage: take one from `search`/);
});
