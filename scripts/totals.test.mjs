import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./setup/paths.mjs";
import { addReport, failureLines, isGood, newTotals, summaryLine } from "./totals.mjs";

function reportOf(...outcomes) {
  const assertionResults = outcomes.map((status, index) => ({ status, fullName: `test ${index}` }));
  return { testResults: [{ assertionResults }] };
}

describe("totals of a test run", () => {
  it("adds up tiers and ends with the line that other tools parse", () => {
    const totals = newTotals();
    addReport(totals, reportOf("passed", "passed"), 0);
    addReport(totals, reportOf("passed", "failed"), 1);
    expect(summaryLine(totals)).toBe("3 passed, 1 failed, 0 skipped");
    expect(isGood(totals, false)).toBe(false);
  });

  it("counts tests skipped in any way, and refuses them if all must run", () => {
    const totals = newTotals();
    addReport(totals, reportOf("passed", "skipped", "pending", "todo"), 0);
    expect(totals.skipped).toEqual(["test 1", "test 2", "test 3"]);
    expect(isGood(totals, false)).toBe(true);
    expect(isGood(totals, true)).toBe(false);
  });

  it("counts a tier that crashed, or failed outside any test, as a failure", () => {
    const crashed = newTotals();
    addReport(crashed, null, 139);
    expect(summaryLine(crashed)).toBe("0 passed, 1 failed, 0 skipped");
    const unhandled = newTotals();
    addReport(unhandled, reportOf("passed"), 1);
    expect(summaryLine(unhandled)).toBe("1 passed, 1 failed, 0 skipped");
  });

  it("names each failed test with its file and the first line of its message, in one short line", () => {
    const totals = newTotals();
    const outcome = (fullName, message) => ({ status: "failed", fullName, failureMessages: [message] });
    const file = join(root, "core", "gate.test.ts");
    const red = "\u001b[31mAssertionError\u001b[39m: expected 1 to be 2\n    at core/gate.test.ts:9";
    addReport(totals, { testResults: [{ name: file, assertionResults: [outcome("gate holds", red)] }] }, 1);
    expect(failureLines(totals)).toEqual(["core/gate.test.ts > gate holds: AssertionError: expected 1 to be 2"]);
    const many = Array.from({ length: 60 }, (_, i) => outcome(`test ${i}`, "x".repeat(5000)));
    addReport(totals, { testResults: [{ name: file, assertionResults: many }] }, 1);
    const lines = failureLines(totals);
    expect(lines.at(-1)).toBe("and 21 more");
    for (const line of lines) expect(line.length).toBeLessThan(260);
  });

  it("names a file that failed to load, and a tier without a report", () => {
    const totals = newTotals();
    const broken = {
      name: join(root, "core/a.test.ts"),
      status: "failed",
      message: "SyntaxError: x",
      assertionResults: [],
    };
    addReport(totals, { testResults: [broken] }, 1, "vitest.config.ts");
    addReport(totals, null, null, "vitest.e2e.config.ts");
    expect(failureLines(totals)).toEqual([
      "core/a.test.ts: SyntaxError: x",
      "vitest.config.ts ended with status 1",
      "vitest.e2e.config.ts ended with status null and without a report",
    ]);
    expect(failureLines(newTotals())).toEqual([]);
  });

  it("does not accept a run without tests", () => {
    expect(isGood(newTotals(), false)).toBe(false);
  });
});
