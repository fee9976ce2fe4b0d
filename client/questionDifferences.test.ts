import { beforeAll, describe, expect, it } from "vitest";
import type { QuestionLine } from "../core/artifacts/evaluation.ts";
import { stateFolder } from "../core/upkeep/testing/homeFixture.ts";
import { compareQuestions } from "./questionDifferences.ts";
import { localSettings } from "./testing/settings.ts";

const state = stateFolder();
const places = localSettings(state.home);

interface Given {
  ndcg?: number;
  mrr?: number;
  best?: number;
  stale?: boolean;
  query?: string;
}

function line(id: string, { ndcg, mrr = 0, best = 0.6, stale = false, query = `what is ${id}?` }: Given) {
  const row = { "ndcg@10": ndcg ?? 0, "mrr@10": mrr, "hit@1": 0, "recall@30": 1 };
  const top = { id: "p", page: "jobs.md", heading: ["Jobs"], relevance: 0.6, relevant: mrr === 1 };
  const retrieval = { top, best, threshold: 0.5, refused: best < 0.5, mustPassPassed: null };
  const metrics: QuestionLine["metrics"] = ndcg === undefined ? {} : { retrieval: row };
  const kind = ndcg === undefined ? "unanswerable-near" : "howto";
  return { id, kind, query, mustPass: false, stale, metrics, served: { retrieval } } satisfies QuestionLine;
}

const limits = { refuse: 0.3, answer: 0.55 };
const abstention = { retrieval: { threshold: 0.5, limits } };

/** A release with this evaluation. */
async function release(day: number, lines: QuestionLine[]): Promise<string> {
  const { manifest } = await state.release(day);
  const files = {
    "evaluation.json": JSON.stringify({ details: { questionSet: "s".repeat(64), day, abstention } }),
    "questions.jsonl": lines.map((each) => `${JSON.stringify(each)}\n`).join(""),
  };
  const evaluate = await state.artifact("evaluate", files);
  return (await state.releases.commit({ ...manifest, evaluate })).id;
}

describe("two releases on the same questions", () => {
  let before: string;
  let after: string;
  beforeAll(async () => {
    before = await release(1, [
      line("same", { ndcg: 1, mrr: 1 }),
      line("better", { ndcg: 0.4, mrr: 0.2 }),
      line("worse", { ndcg: 1, mrr: 1 }),
      line("refused", { ndcg: 0.9, mrr: 1 }),
      line("near", {}),
      line("hazy", {}),
      line("doubtful", { ndcg: 0.8, mrr: 1 }),
      line("gone", { ndcg: 1, mrr: 1 }),
      line("reworded", { ndcg: 1, mrr: 1, query: "before" }),
    ]);
    after = await release(2, [
      line("same", { ndcg: 1, mrr: 1 }),
      line("better", { ndcg: 1, mrr: 1 }),
      line("worse", { ndcg: 0.9, mrr: 0.5 }),
      line("refused", { ndcg: 0.9, mrr: 1, best: 0.2 }),
      line("near", { best: 0.2 }),
      line("hazy", { best: 0.4 }),
      line("doubtful", { ndcg: 0.8, mrr: 1, best: 0.52 }),
      line("gone", { ndcg: 0, stale: true }),
      line("reworded", { ndcg: 1, mrr: 1, query: "after" }),
    ]);
  });

  it("are sorted by change, by the limits: a wrong refusal is harm, an unsure answer is half of one", async () => {
    const { questions } = await compareQuestions(places, after, before);
    expect(questions.map(({ id, change }) => [id, change])).toEqual([
      ["near", "improved"],
      ["refused", "harmed"],
      ["better", "improved"],
      ["doubtful", "harmed"],
      ["hazy", "improved"],
      ["worse", "harmed"],
      ["same", "unchanged"],
    ]);
    expect(questions[2]).toMatchObject({ difference: 0.6, a: { rank: 1 }, b: { rank: 5 } });
    // Both lines say `refused: false` or `true` by the threshold of 0.5 alone.
    expect(questions.slice(3, 5).map(({ a }) => a.decision)).toEqual(["unsure", "unsure"]);
    expect(questions[0]).toMatchObject({ difference: null, answerable: false });
  });

  it("give the mean difference over answerable questions with its interval, and say whether it is chance", async () => {
    const compared = await compareQuestions(places, after, before);
    expect(compared).toMatchObject({ answerable: 5, a: { limits }, withinChance: true, sameSet: true });
    expect(compared.mean!.value).toBeCloseTo(0.1, 10);
    expect(compared.mean!.low).toBeLessThanOrEqual(0);
    expect(compared.a.alone).toBe(2);
    const [back, none] = [await compareQuestions(places, before, after), await compareQuestions(places, after, after)];
    expect(back.mean!.value).toBeCloseTo(-0.1, 10);
    expect(none).toMatchObject({ withinChance: true, mean: { value: 0, low: 0, high: 0 } });
  });

  it("need an evaluation that is still there", async () => {
    const { manifest } = await state.release(3);
    const nothing = { evaluation: null, evaluate: null, reranker: null, training: null, untrained: null, train: null };
    const unmeasured = await state.releases.commit({ ...manifest, ...nothing, calibration: manifest.evaluate });
    await expect(compareQuestions(places, after, unmeasured.id)).rejects.toMatchObject({ code: "BadInput" });
    await expect(compareQuestions(places, after, "ffff")).rejects.toMatchObject({ code: "UnknownRelease" });
  });
});
