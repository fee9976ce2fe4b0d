import { describe, expect, it } from "vitest";
import { labelOf, literally } from "./labels.ts";

describe("a label", () => {
  it.each([
    ["Your **Title**", "**Your Title:**"],
    ["**Mind:**", "**Mind:**"],
    ["`**kw` and *a* and 2 * 3", "**`**kw` and a and 2 \\* 3:**"],
    ["a_b and _c_", "**a_b and _c_:**"],
  ])("of %s is %s", (title, label) => {
    expect(labelOf(title)).toBe(label);
  });

  it("keeps the marks of text that is not Markdown as characters", () => {
    expect(labelOf(literally("*args, my_var, _x_, `a*b`"))).toBe("**\\*args, my_var, \\_x\\_, `a*b`:**");
  });
});
