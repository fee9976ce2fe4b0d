import { expect, it } from "vitest";
import { number, positive, share, whole } from "./parse.ts";

it("accepts numbers in an option's range and refuses others with a message", () => {
  expect([positive("0.5"), number("-2"), whole("0"), share("0"), share("0.05"), share("1")]).toEqual([
    0.5, -2, 0, 0, 0.05, 1,
  ]);
  for (const [take, text] of [
    [positive, "0"],
    [positive, "x"],
    [number, ""],
    [whole, "1.5"],
    [whole, "-1"],
    [whole, " "],
    [share, "1.1"],
    [share, "-0.1"],
    [share, ""],
    [share, "5%"],
  ] as const)
    expect(() => take(text), `${take.name} ${text}`).toThrow(/^expected /);
});
