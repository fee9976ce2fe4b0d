// npm test: set-up, then every test tier, then one line of totals. `long` runs what takes longer instead.
// With CI=true or WINNOW_REQUIRE_ALL=1 a skipped test fails the run and is named.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bootstrapOrExit } from "./bootstrap.mjs";
import { root } from "./setup/paths.mjs";

const TIERS = {
  default: ["vitest.config.ts", "vitest.integration.config.ts", "vitest.slow.config.ts", "vitest.e2e.config.ts"],
  long: ["vitest.long.config.ts"],
};

const requireAll = process.env.CI === "true" || process.env.WINNOW_REQUIRE_ALL === "1";
await bootstrapOrExit({ ownServer: true });
const folder = mkdtempSync(join(tmpdir(), "winnow-test-"));
const env = {
  ...process.env,
  WINNOW_TEST_DATA: resolve(root, process.env.WINNOW_TEST_DATA || "../shared"),
  WINNOW_HOME: join(folder, "home"),
};
const totals = { passed: 0, failed: 0, skipped: [] };
for (const config of TIERS[process.argv[2] ?? "default"] ?? []) {
  if (!existsSync(join(root, config))) continue;
  const started = Date.now();
  console.log(`\n── ${config}`);
  const file = join(folder, `${config}.json`);
  const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--config", config];
  const { status } = spawnSync(
    process.execPath,
    [...args, "--reporter=default", "--reporter=json", `--outputFile=${file}`],
    {
      cwd: root,
      env,
      stdio: "inherit",
    },
  );
  count(file, status);
  console.log(`── ${config}: ${Math.round((Date.now() - started) / 1000)} s`);
}
rmSync(folder, { recursive: true, force: true });

if (totals.skipped.length > 0) {
  console.log(`\nSkipped:\n${totals.skipped.map((name) => `  ${name}`).join("\n")}`);
  console.log(
    requireAll
      ? "Every test must run here: a skipped one is a failure."
      : "Set WINNOW_TEST_DATA for tests on the Kubernetes docs.",
  );
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped.length} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 || (requireAll && totals.skipped.length > 0) ? 1 : 0);

/** Adds one tier's report; a tier that ended badly without a failed test counts as one failure. */
function count(file, status) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    totals.failed++;
    return;
  }
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  for (const { assertionResults } of report.testResults)
    for (const { status: outcome, fullName } of assertionResults)
      if (outcome !== "passed" && outcome !== "failed") totals.skipped.push(fullName);
  if (status !== 0 && report.numFailedTests === 0) totals.failed++;
}
