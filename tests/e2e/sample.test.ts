import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { STAGES } from "../../contracts/names.ts";
import type { RankedPassage, SearchResult } from "../../contracts/passage.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { loadQuestionSet } from "../../core/judging/questionSet.ts";
import { artifactFolder, freshHome, root, winnow, winnowJson } from "./command.ts";
import { sampleRelease, TRAINED, type UpResult } from "./sampleRelease.ts";

const docs = join(root, "samples", "docs");
const questions = join(root, "samples", "questions.jsonl");

describe("the sample corpus, from nothing to cited answers", () => {
  let home: string;
  let up: UpResult;
  /** Answers of the measured release to the same questions. */
  const measured: AskResult[] = [];

  beforeAll(async () => {
    ({ home, up } = await sampleRelease(inject("shared")));
    for (const { question } of up.answers) measured.push(await winnowJson<AskResult>(home, ["ask", question]));
  }, 600_000);

  it("answered the demo questions by the first release, which was not measured, and measured another", () => {
    const { receipt } = up.answers[0]!.result;
    expect(receipt).toMatchObject({ release: up.first!.release, ranking: "retrieval", unmeasured: true });
    expect(measured.map(({ receipt: { release } }) => release)).toEqual(Array(3).fill(up.release));
  });

  it("runs every stage of the DAG, in order, and releases", () => {
    expect(up.stages.map((stage) => stage.name)).toEqual([...STAGES]);
    expect(up.stages.every((stage) => !stage.skipped)).toBe(true);
    expect(up.promoted).toBe(true);
    expect(up.release).toMatch(/^[0-9a-f]{12}$/);
  });

  it("evaluates on the judged sample questions, and fusion improves on BM25", () => {
    const evaluation = up.evaluation!;
    expect(evaluation.source).toBe("judged");
    expect(evaluation.questions).toBe(60);
    expect(evaluation.stale).toBe(0);
    const value = (name: string) => evaluation.ladder.find((row) => row.name === name)!.metrics["ndcg@10"];
    expect(value("retrieval").value).toBeGreaterThan(0.5);
    expect(value("retrieval").low).toBeLessThan(value("retrieval").value);
  });

  it("lets the reranker order answers only where it beat retrieval", () => {
    const gain = up.evaluation!.paired.find(
      (pair) => pair.a === "served" && pair.b === "retrieval" && pair.metric === "ndcg@10",
    )!;
    const earned = gain.low > 0 || (gain.difference >= 0.02 && gain.low > -0.01);
    if (!earned) expect(up.gate!.ranking).toBe("retrieval");
    expect(measured.map(({ receipt }) => receipt.ranking)).toEqual(Array(3).fill(up.gate!.ranking));
    const criterion = up.gate!.criteria.find(({ name }) => name === "reranker")!;
    expect(criterion.passed).toBe(earned);
  });

  it("trained on the docs' own questions, and reports their number and kinds", async () => {
    const folder = artifactFolder(home, up.artifacts.train!);
    expect(await readFile(join(folder, "README.md"), "utf8")).toMatch(/steps/i);
    const groups = (await readFile(join(folder, "groups.jsonl"), "utf8")).trim().split("\n");
    expect(groups.length).toBeGreaterThan(200);
    const judged = (await readFile(questions, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).query.toLowerCase());
    const asked = groups.map((line) => JSON.parse(line).question.toLowerCase());
    expect(asked.filter((question) => judged.includes(question))).toEqual([]);
  });

  it("answers two demo questions first by the passage with their evidence, and refuses the third", async () => {
    const demos = await loadQuestionSet(join(root, "samples", "demos.jsonl"));
    expect(up.answers.map(({ question }) => question)).toEqual(demos.map(({ query }) => query));
    for (const [at, demo] of demos.slice(0, 2).entries()) {
      for (const { answer, citations } of [up.answers[at]!.result, measured[at]!]) {
        expect(answer.replace(/\s+/g, " ")).toContain(demo.relevant[0]!.evidence);
        expect(citations[0]).toMatchObject({ page: demo.relevant[0]!.path });
        expect(citations[0]!.heading.at(-1)).toBe(demo.relevant[0]!.heading);
      }
    }
    // At most two quotes an answer, on average.
    const quotes = measured.slice(0, 2).reduce((sum, { citations }) => sum + citations.length, 0);
    expect(quotes).toBeLessThanOrEqual(4);
    for (const results of [up.answers.map(({ result }) => result), measured]) {
      expect(results.map(({ kind }) => kind)).toEqual(["extractive", "extractive", "abstained"]);
      expect(results[2]!.closest.length).toBeGreaterThan(0);
    }
  });

  it("quotes the cited passage to the letter", async () => {
    const folder = artifactFolder(home, up.artifacts.ingest!);
    const lines = (await readFile(join(folder, "passages.jsonl"), "utf8")).trim().split("\n");
    const passages = lines.map((line) => JSON.parse(line) as RankedPassage);
    for (const citation of up.answers[0]!.result.citations) {
      const texts = passages.filter((passage) => passage.page === citation.page).map((passage) => passage.text);
      expect(texts.some((text) => text.includes(citation.quote))).toBe(true);
    }
  });

  it("skips every stage of a second run and says why", async () => {
    const again = await winnowJson<PipelineResult>(home, [
      "run",
      "--docs",
      docs,
      "--questions",
      questions,
      "--name",
      "sample",
      ...TRAINED,
    ]);
    expect(again.stages.slice(0, 5).every((stage) => stage.skipped && stage.why.length > 0)).toBe(true);
    expect(again.release).toBe(up.release);
  }, 120_000);

  it("serves until it is stopped, also without a terminal: as a service, or with its output in a file", async () => {
    const args = ["up", ...TRAINED];
    const serving = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), ...args], {
      cwd: root,
      env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", WINNOW_HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    serving.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const gone = new Promise((settle) => serving.once("exit", settle));
    await expect.poll(() => said, { timeout: 180_000 }).toContain("Serving. Ctrl-C stops");
    const status = await winnowJson<{ temporal: string }>(home, ["status"]);
    expect(status.temporal).toMatch(/^127\.0\.0\.1:/);
    serving.kill("SIGTERM");
    expect(await gone).toBe(0);
    expect((await winnowJson<{ temporal: null }>(home, ["status"])).temporal).toBeNull();
  }, 300_000);

  it("searches without a server and asks with one, on the same release", async () => {
    const question = "How do I create a Kubernetes Job?";
    const search = await winnowJson<SearchResult>(home, ["search", question, "--k", "5"]);
    expect(search.release).toBe(up.release);
    expect(search.passages).toHaveLength(5);
    expect(search.passages.map((passage) => passage.rank.served)).toEqual([1, 2, 3, 4, 5]);
    const answer = await winnowJson<AskResult>(home, ["ask", question]);
    expect(answer.receipt.release).toBe(up.release);
    expect(answer.receipt.candidates[0]!.id).toBe(search.passages[0]!.id);
  }, 120_000);

  it("reranks lines of text with the tuned model: logit and probability of each", async () => {
    const lines = [
      "A Job creates Pods and retries them until a number of them succeed.",
      "Ingress routes HTTP traffic to Services.",
    ];
    const result = await winnowJson<{ model: string; scores: { index: number; logit: number; probability: number }[] }>(
      home,
      ["rerank", "how do I create a job?", "--passages", "-"],
      { stdin: lines.join("\n") },
    );
    expect(result.scores).toHaveLength(2);
    expect(result.scores.map((score) => score.index).sort()).toEqual([0, 1]);
    expect(result.scores[0]!.logit).toBeGreaterThan(result.scores[1]!.logit);
    for (const { probability } of result.scores) expect(probability > 0 && probability < 1).toBe(true);
  }, 60_000);

  it("lists the release as champion and leaves readable files", async () => {
    const releases = await winnowJson<{ releases: { id: string; champion: boolean }[] }>(home, ["releases"]);
    expect(releases.releases.find((release) => release.id === up.release)?.champion).toBe(true);
    const model = await readdir(artifactFolder(home, up.artifacts.train!), { recursive: true });
    expect(model).toEqual(
      expect.arrayContaining(["config.json", "tokenizer.json", "README.md", join("onnx", "model.onnx")]),
    );
  });

  it("names the missing stage if a stage runs alone without artifacts", async () => {
    const other = await freshHome();
    const outcome = await winnow(other.home, ["run", "--docs", docs, "--only", "train", "--json"]);
    expect(outcome.code).toBe(2);
    expect(JSON.parse(outcome.stdout).message).toMatch(/ingest/);
    await other.remove();
  }, 120_000);

  it("names the line of a malformed question set", async () => {
    const file = join(home, "broken.jsonl");
    await writeFile(file, '{"id":"a","query":"x","kind":"unanswerable-near","relevant":[]}\n{"id": oops}\n');
    const outcome = await winnow(home, ["evaluate", "--questions", file, "--json"]);
    expect(outcome.code).toBe(2);
    expect(JSON.parse(outcome.stdout).message).toMatch(/broken\.jsonl, line 2/);
  });
});
