import { expect, test } from "vitest";
import { apart } from "./apart.ts";

test.each([
  [0.1712, 0.265, "0.171", "0.265"],
  [0.26012, 0.26034, "0.2601", "0.2603"],
  [0.26341, 0.26344, "0.26341", "0.26344"],
  [0.5, 0.5, "0.500", "0.500"],
  [0.1, 0.1 + 1e-12, "0.100000", "0.100000"],
])("%d and %d are shown as %s and %s", (a, b, shownA, shownB) => {
  expect(apart(a, b)).toEqual([shownA, shownB]);
});
