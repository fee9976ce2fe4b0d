import { describe, expect, it } from "vitest";
import { committedPage, PAGES } from "./main.ts";
import { withRooms } from "./rooms.ts";

describe("the generated pages of docs/", () => {
  it.each(Object.entries(PAGES))("%s is what `npm run docs:reference` writes", (file, render) => {
    const committed = committedPage(file);
    expect(render(() => committed) === committed, `run \`npm run docs:reference\`: ${file} is out of date`).toBe(true);
  });

  it("redraws the plan between its markers and keeps the rest", () => {
    const before =
      "# A\n\n<!-- rooms: generated from architecture.json -->\n\nearlier plan\n\n<!-- rooms: end -->\n\nB\n";
    const after = withRooms(before);
    expect(after).toMatch(/^# A\n/);
    expect(after).toMatch(/\nB\n$/);
    expect(after).not.toContain("earlier plan");
    expect(after).toContain("| `core/base/` |");
    expect(withRooms(after)).toBe(after);
  });

  it("refuses a page without markers", () => {
    expect(() => withRooms("# A\n")).toThrow(/no markers/);
  });
});
