import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../client/runs.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { SearchResult } from "../../contracts/passage.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import type { ReleaseSummary } from "../../contracts/release.ts";
import type { FsckReport } from "../../core/upkeep/fsckReport.ts";
import { freshHome, root, winnowJson } from "./command.ts";
import { leftovers } from "./leftovers.ts";
import { cutPower, endStarted, SMALL_DOCS, stack, startWinnow } from "./stageSignals.ts";

const MINUTE = 60_000;
const QUESTION = "what is a Job?";
const RUN = ["run", "--docs", SMALL_DOCS, "--name", "small", "--budget", "0.1", "--least-steps", "1"];

/** `WINNOW_TEST_BEFORE`, otherwise the last tag, otherwise the last landing: the first that is not this commit. */
function commitBefore(): string | undefined {
  const commitOf = (name: string) => {
    try {
      return execFileSync("git", ["rev-parse", "--verify", "--quiet", `${name}^{commit}`], {
        cwd: root,
        encoding: "utf8",
      }).trim();
    } catch {
      return "";
    }
  };
  const tags = execFileSync("git", ["tag", "--sort=-creatordate", "--merged"], { cwd: root, encoding: "utf8" }).split(
    "\n",
  );
  const names = [process.env.WINNOW_TEST_BEFORE, ...tags, "main", "origin/main", "HEAD~20"].filter(Boolean) as string[];
  return names.map(commitOf).find((commit) => commit !== "" && commit !== commitOf("HEAD"));
}

const before = existsSync(join(root, ".git")) ? commitBefore() : undefined;

/** The code of the version before, with the packages of this one. About 10 minutes on 2 cores. */
describe.skipIf(before === undefined)(`state of the version before, ${before?.slice(0, 10)}`, () => {
  const tree = mkdtempSync(join(tmpdir(), "winnow-before-"));
  let home: string;
  let remove: () => Promise<void>;
  let first: PipelineResult;
  const old = <T>(...args: string[]) => winnowJson<T>(home, args, { tree });
  const now = <T>(...args: string[]) => winnowJson<T>(home, args);
  /** What both versions must agree on; each may add fields of its own. */
  const shelf = async (version: typeof old) => {
    const { releases } = await version<{ releases: ReleaseSummary[] }>("releases");
    return releases.map(({ id, corpus, createdAt, ranking, champion, promoted, retired, unmeasured, ndcg }) => ({
      ...{ id, corpus, createdAt, ranking, champion, promoted, retired, unmeasured, ndcg },
    }));
  };
  const served = async (version: typeof old) => {
    const { release, passages } = await version<SearchResult>("search", QUESTION);
    return { release, passages: passages.map(({ id, rank }) => ({ id, rank })) };
  };

  beforeAll(async () => {
    const archive = execFileSync("git", ["archive", before!], { cwd: root, maxBuffer: 1 << 30 });
    execFileSync("tar", ["-x", "-C", tree], { input: archive });
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
    ({ home, remove } = await freshHome());
    first = await old<PipelineResult>(...RUN);
  }, 20 * MINUTE);
  afterEach(endStarted);
  afterAll(async () => {
    rmSync(tree, { recursive: true, force: true });
    await remove?.();
  });

  it(
    "serves the same passages, answers on the same Temporal database, and lists its run",
    async () => {
      expect(first.status).toBe("completed");
      expect(await served(now)).toEqual(await served(old));
      expect((await now<AskResult>("ask", QUESTION)).receipt.release).toBe(first.release);
      const { runs } = await now<{ runs: Run[] }>("runs");
      expect(runs.map(({ workflowId, status }) => [workflowId, status])).toEqual([[first.workflowId, "completed"]]);
      expect((await now<FsckReport>("fsck")).clean).toBe(true);
    },
    10 * MINUTE,
  );

  it(
    "takes up the run that it left open",
    async () => {
      const args = ["run", "--docs", join(root, "samples", "docs", "storage"), "--name", "open", "--until", "embed"];
      const started = startWinnow(home, args, { tree });
      await expect.poll(started.said, { timeout: 5 * MINUTE, interval: 20 }).toContain("… embed");
      expect(stack(home).serverPid).toBeGreaterThan(0);
      await cutPower(home, started);
      const { runs } = await now<{ runs: Run[] }>("runs");
      const open = runs.find(({ corpus }) => corpus === "open")!;
      expect(open.status).toBe("running");
      expect(await now<PipelineResult>(...args)).toMatchObject({ workflowId: open.workflowId, status: "completed" });
    },
    15 * MINUTE,
  );

  it(
    "and back again: the version before serves, checks and runs on what this one wrote",
    async () => {
      const after = await now<PipelineResult>(...RUN, "--retrain", "never");
      expect(["completed", "unchanged"]).toContain(after.status);
      expect(await shelf(old)).toEqual(await shelf(now));
      expect(await served(old)).toEqual(await served(now));
      expect((await old<FsckReport>("fsck")).clean).toBe(true);
      expect((await old<AskResult>("ask", QUESTION)).receipt.release).toBe((await served(now)).release);
      expect(["completed", "unchanged"]).toContain((await old<PipelineResult>(...RUN, "--retrain", "never")).status);
      expect((await now<FsckReport>("fsck")).clean).toBe(true);
      expect(leftovers(home)).toEqual([]);
    },
    20 * MINUTE,
  );
});
