// npm run test:node [-- VERSION ...] [--unit]: the tests on other versions of Node, whose binaries come from npm.
// Default: every supported version, with the unit, workflow and e2e tiers; `--unit` runs the unit tier alone.
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { provideNode } from "./setup/node.mjs";
import { root } from "./setup/paths.mjs";
import { NODE_TESTED } from "./setup/pins.mjs";

const { values, positionals } = parseArgs({ options: { unit: { type: "boolean" } }, allowPositionals: true });
const versions = positionals.length > 0 ? positionals : NODE_TESTED;
const failed = versions.filter((version) => !passes(version));
console.log(failed.length > 0 ? `\nFailed on Node ${failed.join(", ")}` : `\nPassed on Node ${versions.join(", ")}`);
process.exit(failed.length > 0 ? 1 : 0);

function passes(version) {
  const node = provideNode(version);
  console.log(`\n══ Node ${version}`);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const tests = [join(root, "scripts", "test.mjs"), values.unit ? "unit" : "node"];
  return spawnSync(node, tests, { cwd: root, env, stdio: "inherit" }).status === 0;
}
