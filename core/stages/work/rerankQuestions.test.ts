import { describe, expect, it } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { syntheticScored } from "../../judging/testing/syntheticScored.ts";
import { type PairScorer, type RerankTask, rerankQuestions } from "./rerankQuestions.ts";

/** Synthetic logits, each off by `error`, after `wait` milliseconds. Counts the calls. */
function scorer(tasks: RerankTask[], error: number, wait: number) {
  const asked: string[] = [];
  const logits = new Map(tasks.map(({ query, question }) => [query, question.logits.champion!]));
  const score: PairScorer["score"] = async (query) => {
    asked.push(query);
    await new Promise((settle) => setTimeout(settle, wait));
    return logits.get(query)!.map((logit) => logit + error);
  };
  return { asked, score };
}

function tasksOf(count: number): RerankTask[] {
  return syntheticScored({ answerable: count - 20, unanswerable: 20, signal: 3 })
    .reverse()
    .map((question) => ({ question, query: question.id, inputs: question.candidates.map(() => "text") }));
}

describe("reranking with a twin to be judged", () => {
  it("scores some questions with both and the rest with the accepted twin, whose logits all questions then have", async () => {
    const tasks = tasksOf(80);
    const [tuned, twin] = [scorer(tasks, 0, 6), scorer(tasks, 0.01, 1)];
    const steps: number[] = [];
    const context = { ...quietContext(), progress: ({ step }: { step: number }) => steps.push(step) };
    const { int8, latency } = await rerankQuestions(tasks, { tuned, twin }, context);
    expect(int8).toMatchObject({ accepted: true, questions: 70 });
    expect([tuned.asked.length, twin.asked.length]).toEqual([70, 80]);
    expect(tuned.asked).toContain("q0");
    expect(latency!.p50).toBeLessThan(int8!.p50Ms.float32);
    for (const { question } of tasks) {
      expect(question.logits.tuned![0]).toBeCloseTo(question.logits.champion![0]! + 0.01, 10);
    }
    expect(steps).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
  });

  it("leaves the untrained weights to their own twin after the first questions only if the tuned twin serves", async () => {
    const tasks = tasksOf(80);
    const asked = async (wait: number) => {
      const [tuned, untrained, twin] = [scorer(tasks, 0, 2), scorer(tasks, 1, 0), scorer(tasks, 0.01, wait)];
      await rerankQuestions(tasks, { tuned, untrained, twin }, quietContext());
      return untrained.asked.length;
    };
    expect([await asked(0), await asked(6)]).toEqual([70, 80]);
  });

  it("keeps the float32 logits if the twin is rejected", async () => {
    const tasks = tasksOf(80);
    const [tuned, twin] = [scorer(tasks, 0, 0), scorer(tasks, 0.01, 4)];
    const { int8 } = await rerankQuestions(tasks, { tuned, twin }, quietContext());
    expect(int8!.detail).toContain("float32 serves: it is not faster here");
    expect([tuned.asked.length, twin.asked.length]).toEqual([80, 70]);
    for (const { question } of tasks) expect(question.logits.tuned).toEqual(question.logits.champion);
  });

  it("reports why float32 serves if the processor computes the twin wrongly", async () => {
    const tasks = tasksOf(21);
    const rerankers = { tuned: scorer(tasks, 0, 0), twin: "unusable" as const };
    const { int8, latency } = await rerankQuestions(tasks, rerankers, quietContext());
    expect(int8).toMatchObject({ accepted: false, pairs: 0, detail: expect.stringContaining("VNNI") });
    expect(rerankers.tuned.asked).toHaveLength(21);
    expect(latency).not.toBeNull();
  });

  it("has no verdict without a twin", async () => {
    const tasks = tasksOf(21);
    const { int8, latency } = await rerankQuestions(tasks, { tuned: scorer(tasks, 0, 0) }, quietContext());
    expect([int8, latency!.p95 >= latency!.p50]).toEqual([null, true]);
  });
});
