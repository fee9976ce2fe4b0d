import { describe, expect, it } from "vitest";
import { dampedNewton } from "./newton.ts";

/** log(cosh(x)) is convex, but from |x| > 1.09 each whole Newton step jumps further out. */
const logCosh = {
  loss: ([x]: number[]) => Math.log(Math.cosh(x!)),
  step: ([x]: number[]) => [Math.tanh(x!) * Math.cosh(x!) ** 2],
};

describe("dampedNewton", () => {
  it("finds the minimum where whole steps diverge", () => {
    const whole = [1, 2, 3, 4].reduce((x) => x - logCosh.step([x])[0]!, 1.5);
    expect(Math.abs(whole)).toBeGreaterThan(1000);
    expect(dampedNewton([1.5], logCosh)[0]).toBeCloseTo(0, 4);
  });

  it("takes one step on a quadratic, and none from its minimum", () => {
    const quadratic = { loss: ([x]: number[]) => (x! - 3) ** 2, step: ([x]: number[]) => [x! - 3] };
    expect(dampedNewton([10], quadratic, 1)).toEqual([3]);
    expect(dampedNewton([3], quadratic)).toEqual([3]);
  });
});
