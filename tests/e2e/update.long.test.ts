import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { artifactFolder, freshHome, root, winnowJson } from "./command.ts";

const data = resolve(root, process.env.WINNOW_TEST_DATA || "../shared");
const version = (name: string) => join(data, "data", `k8s-docs-${name}.tar.gz`);
const MINUTE = 60_000;
const judged = join(data, "eval", "k8s-dev.jsonl");

const secondsOf = ({ stages }: PipelineResult) => stages.reduce((sum, { seconds }) => sum + seconds, 0);
const seen = (result: PipelineResult, name: string) => result.stages.find((stage) => stage.name === name)!;
const embedded = (result: PipelineResult) => {
  const [, all, cached] = /^(\d+) vectors of 384(?: by int8)?, (\d+) from the cache$/.exec(
    seen(result, "embed").summary,
  )!;
  return Number(all) - Number(cached);
};

/** Training is limited to a minute, since the subject is the update. About 40 minutes on 2 cores. */
describe.skipIf(!existsSync(version("2024-08")))("from the Kubernetes docs of 2024-08 to those of 2025-04", () => {
  let home: string;
  let remove: () => Promise<void>;
  let before: PipelineResult;
  let after: PipelineResult;
  const run = (docs: string, ...more: string[]) =>
    winnowJson<PipelineResult>(home, [
      "run",
      "--docs",
      docs,
      "--name",
      "k8s",
      "--questions",
      judged,
      "--budget",
      "1",
      "--least-steps",
      "1",
      ...more,
    ]);

  beforeAll(async () => {
    ({ home, remove } = await freshHome());
    before = await run(version("2024-08"));
    after = await run(version("2025-04"), "--retrain", "never");
  });
  afterAll(() => remove());

  it("excludes and counts the questions whose evidence 2024-08 lacks, and uses all for 2025-04", () => {
    expect(before.evaluation!.stale).toBeGreaterThan(0);
    expect(before.evaluation!.questions + before.evaluation!.stale).toBe(150);
    expect(after.evaluation).toMatchObject({ questions: 150, stale: 0 });
  });

  it("reports the page diff, complete in an artifact", async () => {
    const { pages, examples, against, ref } = after.changes!;
    expect(against).toBe(before.release);
    expect(pages.same + pages.changed + pages.added).toBe(1453);
    expect(pages.same + pages.changed + pages.removed).toBe(1363);
    expect(examples.changed).toHaveLength(10);
    const whole = JSON.parse(await readFile(join(artifactFolder(home, ref), "changes.json"), "utf8"));
    expect(whole.added).toHaveLength(pages.added);
  });

  it("embeds only new texts, and reuses the champion's reranker", () => {
    const { fresh, total } = after.changes!.passages;
    expect(fresh).toBeLessThan(total);
    expect(embedded(after)).toBeGreaterThan(0);
    // A passage is embedded as one or more windows.
    const vectors = Number.parseInt(seen(after, "embed").summary, 10);
    expect(embedded(after)).toBeLessThan(vectors);
    expect(after.retrain).toMatchObject({ train: false });
    expect(after.artifacts.train).toEqual(before.artifacts.train);
  });

  it("ends at once if nothing is new", async () => {
    const again = await run(version("2025-04"), "--retrain", "never");
    expect(again).toMatchObject({ status: "unchanged", release: after.release });
  });
});

describe("one page of the sample docs changed", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterAll(() => remove());

  it(
    "updates the index alone, in a fraction of the first run's time",
    async () => {
      const docs = join(home, "docs");
      await cp(join(root, "samples", "docs"), docs, { recursive: true });
      const questions = join(root, "samples", "questions.jsonl");
      const args = [
        "run",
        "--docs",
        docs,
        "--name",
        "sample",
        "--questions",
        questions,
        "--budget",
        "2",
        "--least-steps",
        "1",
      ];
      const first = await winnowJson<PipelineResult>(home, args);
      const page = join(docs, "workloads", "jobs.md");
      await writeFile(
        page,
        `${await readFile(page, "utf8")}\n## A new section\n\nA sentence that was not there before.\n`,
      );
      const second = await winnowJson<PipelineResult>(home, args);
      expect(second.changes!.pages).toMatchObject({ added: 0, changed: 1, removed: 0, same: 76 });
      expect(embedded(second)).toBe(second.changes!.passages.fresh);
      expect(second.retrain).toMatchObject({ train: false });
      expect(secondsOf(second)).toBeLessThan(secondsOf(first));
    },
    20 * MINUTE,
  );
});
