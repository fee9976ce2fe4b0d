import { describe, expect, it } from "vitest";
import { addReport, isGood, newTotals, summaryLine } from "./totals.mjs";

function reportOf(...outcomes) {
  const assertionResults = outcomes.map((status, index) => ({ status, fullName: `test ${index}` }));
  return { testResults: [{ assertionResults }] };
}

describe("totals of a test run", () => {
  it("adds tiers up and ends with the line other tools read", () => {
    const totals = newTotals();
    addReport(totals, reportOf("passed", "passed"), 0);
    addReport(totals, reportOf("passed", "failed"), 1);
    expect(summaryLine(totals)).toBe("3 passed, 1 failed, 0 skipped");
    expect(isGood(totals, false)).toBe(false);
  });

  it("names what was skipped, in whatever way, and refuses it where all must run", () => {
    const totals = newTotals();
    addReport(totals, reportOf("passed", "skipped", "pending", "todo"), 0);
    expect(totals.skipped).toEqual(["test 1", "test 2", "test 3"]);
    expect(isGood(totals, false)).toBe(true);
    expect(isGood(totals, true)).toBe(false);
  });

  it("counts a tier that crashed, or ended badly outside any test, as a failure", () => {
    const crashed = newTotals();
    addReport(crashed, null, 139);
    expect(summaryLine(crashed)).toBe("0 passed, 1 failed, 0 skipped");
    const unhandled = newTotals();
    addReport(unhandled, reportOf("passed"), 1);
    expect(summaryLine(unhandled)).toBe("1 passed, 1 failed, 0 skipped");
  });

  it("does not call a run without any test good", () => {
    expect(isGood(newTotals(), false)).toBe(false);
  });
});
