// npm run test:pods [-- --keep]: one Kubernetes node from its parts, built with Go, and Winnow's manifests on it. As root on Linux.
// --keep leaves its folder, with the logs of all servers.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../setup/paths.mjs";
import { hierarchies } from "./node.mjs";
import { prepare, unusable } from "./prepare.mjs";

const { values } = parseArgs({ options: { keep: { type: "boolean" } } });
const reason = await unusable();
if (reason) {
  console.log(`○ pods: skipped, ${reason}`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "winnow-pods-"));
const cgroup = folder.split("/").at(-1);
let code = 1;
try {
  const spec = { folder, cgroup, ...(await prepare(folder)) };
  await writeFile(join(folder, "spec.json"), JSON.stringify(spec));
  await makeCgroups();
  code = await inNamespaces(["node", join(root, "scripts", "pods", "inside.mjs"), join(folder, "spec.json")]);
} finally {
  await removeCgroups();
  if (values.keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
process.exit(code);

/** All that the command starts ends with it: its process is the first of its namespace. */
function inNamespaces(command) {
  const own = ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc"];
  const child = spawn("unshare", [...own, ...command], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill("SIGKILL"));
  return new Promise((settle) => child.once("close", (status) => settle(status ?? 1)));
}

async function makeCgroups() {
  for (const hierarchy of hierarchies()) {
    await mkdir(join(hierarchy, cgroup));
    // Processes outside cgroups have 1024 shares each, so the node would count as one of them.
    if (hierarchy.endsWith("/cpu")) await writeFile(join(hierarchy, cgroup, "cpu.shares"), "10240");
    // A new cpuset is empty and takes no process.
    if (hierarchy.endsWith("cpuset"))
      for (const name of ["cpuset.cpus", "cpuset.mems"])
        await writeFile(join(hierarchy, cgroup, name), await readFile(join(hierarchy, name)));
  }
}

async function removeCgroups() {
  for (const hierarchy of hierarchies()) await removeTree(join(hierarchy, cgroup));
}

/** Only folders can be removed in a cgroup, from the leaves up. */
async function removeTree(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  await rmdir(folder).catch(() => {});
}
