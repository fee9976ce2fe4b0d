import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./setup/paths.mjs";

const MAX_MESSAGE = 200;
const MAX_NAMED = 40;

/** Totals of a test run over all tiers. */
export function newTotals() {
  return { passed: 0, failed: 0, skipped: [], failures: [] };
}

/**
 * Adds one tier's report (vitest's JSON, or null without one). A tier that failed without a failed test, through a
 * crash or an error outside any test, counts as one failure.
 */
export function addReport(totals, report, status, tier = "vitest") {
  const before = totals.failed;
  for (const file of report?.testResults ?? []) {
    for (const outcome of file.assertionResults) addOutcome(totals, outcome, file.name);
    // A file that failed to load reports no tests.
    if (file.status === "failed" && file.message)
      totals.failures.push(`${shortFile(file.name)}: ${brief(file.message)}`);
  }
  if (totals.failed > before || (report !== null && status === 0)) return;
  totals.failed++;
  totals.failures.push(`${tier} ended with status ${status}${report === null ? " and without a report" : ""}`);
}

function addOutcome(totals, { status, fullName, failureMessages = [] }, file) {
  if (status === "passed") totals.passed++;
  else if (status !== "failed") totals.skipped.push(fullName);
  else {
    totals.failed++;
    totals.failures.push(`${shortFile(file)} > ${fullName}: ${brief(failureMessages[0] ?? "no message")}`);
  }
}

const shortFile = (file = "") => relative(root, file) || file;

/** First line of a message without colours, short enough for many failures to fit into a truncated log. */
function brief(message) {
  const lines = stripVTControlCharacters(message).split("\n");
  const line = lines.find((text) => text.trim() !== "") ?? "";
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

/** Failed tests with file and first line of the message, at most `MAX_NAMED`; empty if none failed. */
export function failureLines({ failures }) {
  const more = failures.length - MAX_NAMED;
  return more > 0 ? [...failures.slice(0, MAX_NAMED), `and ${more} more`] : failures;
}

/** Summary line that other tools parse, on a line of its own. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** Whether the run is good: no failures, at least one test, and no skipped tests if all must run. */
export function isGood({ passed, failed, skipped }, requireAll) {
  return failed === 0 && passed > 0 && !(requireAll && skipped.length > 0);
}
