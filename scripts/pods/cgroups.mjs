// The node's cgroup in each hierarchy of version 1, which the machine sees and nothing removes by itself.
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const CGROUPS = "/sys/fs/cgroup";
const GONE_WITHIN_MS = 30_000;

/** Folders of the hierarchies. Where one has two controllers, such as `cpu,cpuacct`, each is a link to it. */
export function hierarchies(root = CGROUPS) {
  const folders = readdirSync(root).map((name) => join(root, name));
  return [
    ...new Set(
      folders.filter((folder) => existsSync(join(folder, "cgroup.procs"))).map((folder) => realpathSync(folder)),
    ),
  ];
}

/** Makes the cgroup `name` in each hierarchy. */
export async function makeCgroups(name, root = CGROUPS) {
  for (const hierarchy of hierarchies(root)) {
    const controllers = basename(hierarchy).split(",");
    await mkdir(join(hierarchy, name));
    // Processes outside cgroups have 1024 shares each, so the node would count as one of them.
    if (controllers.includes("cpu")) await writeFile(join(hierarchy, name, "cpu.shares"), "10240");
    // A new cpuset is empty and takes no process.
    if (controllers.includes("cpuset"))
      for (const file of ["cpuset.cpus", "cpuset.mems"])
        await writeFile(join(hierarchy, name, file), await readFile(join(hierarchy, file)));
  }
}

/**
 * Removes the cgroup `name` from each hierarchy, and ends the processes in it: killed ones leave their cgroup after a
 * while. Returns the folders that could not be removed.
 */
export async function removeCgroups(name, root = CGROUPS) {
  const left = new Set(hierarchies(root).map((hierarchy) => join(hierarchy, name)));
  for (const deadline = Date.now() + GONE_WITHIN_MS; ; await delay(200)) {
    for (const folder of left) if (await removeTree(folder)) left.delete(folder);
    if (left.size === 0 || Date.now() > deadline) return [...left];
  }
}

/** Only folders can be removed in a cgroup, from the leaves up. Returns whether the folder is gone. */
async function removeTree(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  for (const pid of await processesIn(folder)) kill(pid);
  return rmdir(folder).then(
    () => true,
    (error) => error.code === "ENOENT",
  );
}

async function processesIn(folder) {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
