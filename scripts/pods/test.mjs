// npm run test:pods [-- --keep]: one Kubernetes node from its parts, built with Go, and Winnow's manifests on it. As root on Linux.
// --keep leaves its folder, with the logs of all servers.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { interruptible, stopped } from "../setup/interrupts.mjs";
import { root } from "../setup/paths.mjs";
import { makeCgroups, removeCgroups } from "./cgroups.mjs";
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
  code = await interruptible(async () => {
    const spec = { folder, cgroup, ...(await prepare(folder)) };
    await writeFile(join(folder, "spec.json"), JSON.stringify(spec));
    await makeCgroups(cgroup);
    return inNamespaces(["node", join(root, "scripts", "pods", "inside.mjs"), join(folder, "spec.json")]);
  });
} catch (error) {
  if (!stopped.aborted) throw error;
  console.log("interrupted; cgroups and files are removed");
  code = 130;
} finally {
  // Another interrupt would leave the rest behind.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
  const left = await removeCgroups(cgroup);
  if (left.length > 0) console.log(`not removed: ${left.join(", ")}`);
  if (values.keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
process.exit(code);

/** All that the command starts ends with it: its process is the first of its namespace. */
function inNamespaces(command) {
  const own = ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc"];
  const child = spawn("unshare", [...own, ...command], { stdio: "inherit" });
  const kill = () => child.kill("SIGKILL");
  if (stopped.aborted) kill();
  stopped.addEventListener("abort", kill, { once: true });
  return new Promise((settle) => child.once("close", (status) => settle(status ?? 1)));
}
