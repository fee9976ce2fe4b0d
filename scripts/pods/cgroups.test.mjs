import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hierarchies, makeCgroups, removeCgroups } from "./cgroups.mjs";

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "winnow-cgroups-"));
  for (const name of ["cpu,cpuacct", "cpuset", "memory"]) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "cgroup.procs"), "");
  }
  for (const file of ["cpuset.cpus", "cpuset.mems"]) writeFileSync(join(root, "cpuset", file), "0-1\n");
  for (const name of ["cpu", "cpuacct"]) symlinkSync("cpu,cpuacct", join(root, name));
  mkdirSync(join(root, "pids"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a hierarchy of two controllers, to which each of their names leads, counts once", async () => {
  expect(hierarchies(root)).toEqual(["cpu,cpuacct", "cpuset", "memory"].map((name) => join(root, name)));
  await makeCgroups("node", root);
  expect(readFileSync(join(root, "cpu", "node", "cpu.shares"), "utf8")).toBe("10240");
  expect(readFileSync(join(root, "cpuset", "node", "cpuset.mems"), "utf8")).toBe("0-1\n");
});

test("cgroups are removed with all below them, in hierarchies that have none too", async () => {
  mkdirSync(join(root, "memory", "node", "kubepods", "pod1"), { recursive: true });
  expect(await removeCgroups("node", root)).toEqual([]);
  expect(existsSync(join(root, "memory", "node"))).toBe(false);
});
