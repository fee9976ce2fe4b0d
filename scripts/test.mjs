// npm test: set-up, then every test tier, then one line of totals. `unit`, `node`, `long` and `cluster` select other tiers.
// With CI=true or WINNOW_REQUIRE_ALL=1 a skipped test fails the run and is named.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bootstrapOrExit } from "./bootstrap.mjs";
import { cache, root } from "./setup/paths.mjs";
import { testEnv } from "./testEnv.mjs";
import { addReport, failureLines, isGood, newTotals, summaryLine } from "./totals.mjs";

const TIERS = {
  all: ["vitest.config.ts", "vitest.integration.config.ts", "vitest.slow.config.ts", "vitest.e2e.config.ts"],
  unit: ["vitest.config.ts"],
  node: ["vitest.config.ts", "vitest.integration.config.ts", "vitest.e2e.config.ts"],
  long: ["vitest.long.config.ts"],
  cluster: ["vitest.cluster.config.ts"],
};

const tiers = TIERS[process.argv[2] ?? "all"];
if (!tiers) {
  console.error(`There are no tests named ${process.argv[2]}; one of: ${Object.keys(TIERS).join(", ")}`);
  process.exit(2);
}
const requireAll = process.env.CI === "true" || process.env.WINNOW_REQUIRE_ALL === "1";
await bootstrapOrExit({ ownServer: true });
const folder = mkdtempSync(join(tmpdir(), "winnow-test-"));
const totals = newTotals();
for (const tier of tiers) runTier(tier);
rmSync(folder, { recursive: true, force: true });

if (totals.skipped.length > 0) {
  console.log(`\nSkipped:\n${totals.skipped.map((name) => `  ${name}`).join("\n")}`);
  if (requireAll) console.log("Every test must run here: a skipped one is a failure.");
}
if (process.env.WINNOW_TEST_NO_BROWSER === "1")
  console.log("\nLeft out by WINNOW_TEST_NO_BROWSER: tests/browser, the page in Chromium.");
const failures = failureLines(totals);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join("\n")}`);
console.log(`\n${summaryLine(totals)}`);
process.exit(isGood(totals, requireAll) ? 0 : 1);

function runTier(config) {
  const started = Date.now();
  console.log(`\n── ${config}`);
  const file = join(folder, `${config}.json`);
  const vitest = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--config", config];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${file}`];
  const env = {
    ...testEnv(),
    WINNOW_TEST_DATA: resolve(root, process.env.WINNOW_TEST_DATA || "../shared"),
    WINNOW_HOME: join(folder, "home"),
    WINNOW_CACHE: cache,
    TEMPORAL_CONFIG_FILE: "",
  };
  const { status } = spawnSync(process.execPath, [...vitest, ...reporters], { cwd: root, env, stdio: "inherit" });
  addReport(totals, readReport(file), status, config);
  console.log(`── ${config}: ${Math.round((Date.now() - started) / 1000)} s`);
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
