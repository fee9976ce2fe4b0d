import { expect, it } from "vitest";
import { judgeLogits } from "./twinCheck.ts";

const exact = [
  [4, 1, 0, -3],
  [2, 3, -1, -2],
];
const shifted = (by: number) => exact.map((list) => list.map((logit, i) => logit + (i % 2 === 0 ? by : -by)));

it("keeps a twin that computes nearly the same, and reports its numbers", () => {
  // The deviation of the logits is sqrt(5.25): an error of 0.1 is 4.4 % of it.
  expect(judgeLogits(exact, shifted(0.1))).toEqual({
    stays: true,
    detail:
      "computes nearly the same: on 8 pairs its logits are off by 4.4 % of their spread, with a rank correlation of 1.000, nDCG@10 0.815 -> 0.815",
  });
});

it("rejects a twin whose logits are off by more than a fifth of their spread, or whose ranks differ", () => {
  expect(judgeLogits(exact, shifted(0.45))).toMatchObject({ stays: true });
  expect(judgeLogits(exact, shifted(0.47))).toMatchObject({
    stays: false,
    detail: expect.stringMatching(/^on 8 pairs its logits are off by 20\.\d % of their spread/),
  });
  const close = [
    [0.02, 0.01, 0],
    [100, 50, 80],
  ];
  const swapped = [
    [0, 0.01, 0.02],
    [100, 50, 80],
  ];
  expect(judgeLogits(close, swapped)).toMatchObject({
    stays: false,
    detail: expect.stringContaining("correlation of 0.771"),
  });
});
