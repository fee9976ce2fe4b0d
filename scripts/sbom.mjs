// npm run sbom: every installed dependency with its licence, into sbom/: CycloneDX (cyclonedx.json; runtime.json without
// those of tests and tools) and a summary (licences.md). Exits 1 for a licence that scripts/sbom/licences.mjs does not
// list, and for a known critical vulnerability. If the registry does not answer `npm audit`, it reports that.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkLicences, EXCEPTIONS } from "./sbom/licences.mjs";
import { root } from "./setup/paths.mjs";

const folder = join(root, "sbom");
mkdirSync(folder, { recursive: true });
const { components } = write("cyclonedx.json", []);
write("runtime.json", ["--omit=dev"]);
const { packages, problems } = checkLicences(components);
writeFileSync(join(folder, "licences.md"), summary(packages));
console.log(`${packages.length} packages: sbom/cyclonedx.json, sbom/runtime.json, sbom/licences.md`);
for (const problem of problems) console.log(`  ✘ ${problem}`);
const safe = audit();
process.exit(problems.length === 0 && safe ? 0 : 1);

function npm(args) {
  return spawnSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
  });
}

function write(file, options) {
  const { status, stdout, stderr } = npm(["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", ...options]);
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  writeFileSync(join(folder, file), stdout);
  return JSON.parse(stdout);
}

function summary(packages) {
  const licences = [...new Set(packages.map(({ licence }) => licence))];
  const rows = licences.map((licence) => [licence ?? "unknown", packages.filter((each) => each.licence === licence)]);
  rows.sort(([, a], [, b]) => b.length - a.length);
  const table = rows.map(([licence, of]) => `| ${licence} | ${of.length} | ${of.map(name).sort().join(", ")} |`);
  const exceptions = EXCEPTIONS.map(({ packages, licence, why }) => `| \`${packages.source}\` | ${licence} | ${why} |`);
  return [
    "# Licences of the dependencies\n",
    "| licence | packages | names |\n| --- | --- | --- |",
    ...table,
    "\n## Exceptions\n",
    "| packages | licence | why |\n| --- | --- | --- |",
    ...exceptions,
    "",
  ].join("\n");
}

function name({ name, version }) {
  return `${name}@${version}`;
}

/** True unless `npm audit` reports a critical vulnerability. */
function audit() {
  const answer = parsed(npm(["audit", "--json", "--audit=true"]).stdout);
  const counts = answer?.metadata?.vulnerabilities;
  if (!counts) {
    console.log(`Vulnerabilities: unknown, the registry does not answer npm audit (${reason(answer)})`);
    return true;
  }
  const found = ["critical", "high", "moderate", "low"].map((severity) => `${counts[severity]} ${severity}`);
  console.log(`Vulnerabilities: ${found.join(", ")}${counts.total > 0 ? "; npm audit names them" : ""}`);
  return counts.critical === 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Without the registry's address. */
function reason(answer) {
  return /^\d{3} [\w ]+/.exec(answer?.message ?? "")?.[0].trim() ?? "no connection";
}
