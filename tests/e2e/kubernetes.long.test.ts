import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { freshHome, root, winnowJson } from "./command.ts";

const data = resolve(root, process.env.WINNOW_TEST_DATA || "../shared");
const docs = join(data, "data", "k8s-docs-2025-04.tar.gz");
const questions = join(data, "eval", "k8s-dev.jsonl");

/** The whole Kubernetes docs with a training budget of 20 minutes; about 45 minutes on 2 cores. */
describe.skipIf(!existsSync(docs))("the Kubernetes docs", () => {
  let home: string;
  let remove: () => Promise<void>;
  let run: PipelineResult;

  beforeAll(async () => {
    ({ home, remove } = await freshHome());
    run = await winnowJson<PipelineResult>(home, ["run", "--docs", docs, "--questions", questions, "--budget", "20"]);
  });
  afterAll(() => remove());

  it("reads every page and releases", () => {
    expect(run.stages[0]!.summary).toMatch(/^1453 pages, 1\d{4} passages$/);
    expect(run.promoted).toBe(true);
  });

  it("evaluates on all 150 judged questions, none stale", () => {
    const { evaluation } = run;
    expect(evaluation).toMatchObject({ questions: 150, stale: 0, source: "judged" });
    const rrf = evaluation!.ladder.find((row) => row.name === "rrf")!.metrics["ndcg@10"].value;
    expect(rrf).toBeGreaterThan(0.42);
    expect(evaluation!.abstention.aurocOffTopic).toBeGreaterThan(0.95);
  });

  it("answers from them with citations, and refuses questions outside them", async () => {
    const job = await winnowJson<AskResult>(home, ["ask", "How do I create a Kubernetes Job?"]);
    expect(job.kind).toBe("extractive");
    expect(job.citations[0]!.url).toMatch(/^\/docs\//);
    const pizza = await winnowJson<AskResult>(home, ["ask", "best pizza dough recipe"]);
    expect(pizza.kind).toBe("abstained");
  });
});
