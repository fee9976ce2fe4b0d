import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { Faults } from "./harness.ts";

let faults: Faults;
beforeEach(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterEach(() => faults.end());

test("a git repository through the pipeline: runs at its commit, then is unchanged, and runs again after a new commit", async () => {
  const repo = join(faults.folder, "handbook");
  const env = { PATH: process.env.PATH!, HOME: faults.folder };
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repo, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      env,
      encoding: "utf8",
    }).trim();
  const commit = (text: string) => {
    writeFileSync(join(repo, "a.md"), text);
    git("add", "-A");
    git("commit", "--quiet", "-m", "docs");
    return git("rev-parse", "HEAD");
  };
  mkdirSync(repo);
  execFileSync("git", ["init", "--quiet", "-b", "main", repo], { env });
  const first = commit("# A\n");
  await faults.startWorker();
  const run = async () =>
    (await (await faults.startPipeline({ docs: { path: `${repo}#main` } }, 0.5)).result()) as PipelineResult;

  const one = await run();
  expect(one).toMatchObject({
    ...{ status: "completed", corpus: "handbook", promoted: true },
    source: { kind: "git", version: first },
  });
  const again = await run();
  expect(again).toMatchObject({ status: "unchanged", release: one.release, source: { version: first } });
  expect(again.stages.every(({ skipped }) => skipped)).toBe(true);

  const second = commit("# A\n\nAnd more.\n");
  const two = await run();
  expect(two).toMatchObject({ status: "completed", source: { kind: "git", version: second } });
  expect(two.stages[0]).toMatchObject({ name: "ingest", skipped: false, why: "docs changed" });
  expect(await run()).toMatchObject({ status: "unchanged", source: { version: second } });
  // Pages of a commit are stored only while they are read.
  expect(readdirSync(join(faults.home, "sources")).filter((name) => name.startsWith(".pages-"))).toEqual([]);
}, 240_000);
