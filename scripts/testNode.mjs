// npm run test:node [-- VERSION ...] [--unit]: the tests on other versions of Node; npm provides the binaries.
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
  console.log(`\n══ Node ${version}`);
  const node = provided(version);
  if (node === null) return false;
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const tests = [join(root, "scripts", "test.mjs"), values.unit ? "unit" : "node"];
  return spawnSync(node, tests, { cwd: root, env, stdio: "inherit" }).status === 0;
}

/** Null, with the reason on the screen, for a version that npm does not have. */
function provided(version) {
  try {
    return provideNode(version);
  } catch (error) {
    if (error.name !== "SetupError") throw error;
    console.log(error.message);
    return null;
  }
}
