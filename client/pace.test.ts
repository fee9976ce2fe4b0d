import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

it("leaves few callers their own pauses, and gives many a share of the looks", () => {
  const pace = new Pace(400);
  expect(pace.pause(40)).toBe(40);
  const leave = Array.from({ length: 500 }, () => pace.enter());
  expect(pace.pause(40)).toBe(1250);
  for (const each of leave.slice(0, 484)) each();
  expect(pace.pause(40)).toBe(40);
});

it("counts a caller that leaves twice once", () => {
  const pace = new Pace(10);
  const [leave] = [pace.enter(), pace.enter()];
  leave();
  leave();
  expect(pace.pause(1)).toBe(100);
});
