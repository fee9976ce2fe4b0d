import { expect, test } from "vitest";
import { inPass, quietContext, type TaskProgress } from "./progress.ts";

function reported(passes: number): TaskProgress[] {
  const seen: TaskProgress[] = [];
  const context = { ...quietContext(), progress: (at: TaskProgress) => seen.push(at) };
  for (let pass = 1; pass <= passes; pass++)
    for (const step of [1, 2]) inPass(context, pass, passes).progress({ step, of: 2, note: "questions scored" });
  return seen;
}

test("passes share one bar that never falls back, and each report names its pass", () => {
  expect(reported(2)).toEqual([
    { step: 1, of: 4, note: "questions scored, pass 1 of 2" },
    { step: 2, of: 4, note: "questions scored, pass 1 of 2" },
    { step: 3, of: 4, note: "questions scored, pass 2 of 2" },
    { step: 4, of: 4, note: "questions scored, pass 2 of 2" },
  ]);
});

test("a single pass is reported as it is", () => {
  expect(reported(1)).toEqual([
    { step: 1, of: 2, note: "questions scored" },
    { step: 2, of: 2, note: "questions scored" },
  ]);
});
