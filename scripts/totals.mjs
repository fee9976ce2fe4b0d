/** Totals of a test run, over all its tiers. */
export function newTotals() {
  return { passed: 0, failed: 0, skipped: [] };
}

/**
 * Adds one tier's report (vitest's JSON; null where none was written). A tier that ended badly without a failed test,
 * by a crash or an error outside any test, counts as one failure.
 */
export function addReport(totals, report, status) {
  const outcomes = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
  const failed = outcomes.filter(({ status: outcome }) => outcome === "failed").length;
  totals.passed += outcomes.filter(({ status: outcome }) => outcome === "passed").length;
  totals.failed += failed;
  for (const { status: outcome, fullName } of outcomes)
    if (outcome !== "passed" && outcome !== "failed") totals.skipped.push(fullName);
  if (failed === 0 && (report === null || status !== 0)) totals.failed++;
}

/** The line other tools read, alone on its line. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** Whether the run is good: nothing failed, something ran, and nothing was skipped where all must run. */
export function isGood({ passed, failed, skipped }, requireAll) {
  return failed === 0 && passed > 0 && !(requireAll && skipped.length > 0);
}
