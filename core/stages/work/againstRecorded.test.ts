import { describe, expect, it } from "vitest";
import { ROWS, type RowName } from "../../../contracts/ladderRows.ts";
import type { QuestionLine } from "../../artifacts/evaluation.ts";
import type { LadderRun } from "../../judging/ladder.ts";
import { againstRecorded } from "./againstRecorded.ts";

const questions = ["a", "b", "c"].map((id) => ({ id, query: `what is ${id}` }));
const run = (name: RowName, ndcg: number[]) =>
  ({ name, ranks: [], perQuestion: ndcg.map((value) => ({ "ndcg@10": value })) }) as unknown as LadderRun;
const line = (id: string, served: number, retrieval: number, query = `what is ${id}`) =>
  ({
    id,
    query,
    metrics: { [ROWS.served]: { "ndcg@10": served }, [ROWS.retrieval]: { "ndcg@10": retrieval } },
  }) as unknown as QuestionLine;
const runs = [run(ROWS.retrieval, [0.2, 0.4, 1]), run(ROWS.served, [0.3, 0.5, 1])];

describe("a candidate with another embedder", () => {
  it("is compared with what the champion served in its own evaluation, on the questions of both", () => {
    const lines = [line("b", 0.9, 0.1), line("a", 0.7, 0.1), line("c", 0, 0, "asked otherwise"), line("d", 1, 1)];
    const against = (ranking: "reranked" | "retrieval") => againstRecorded(questions, runs, { lines, ranking }, {})!;
    expect(against("reranked").retrieval!.value).toBeCloseTo((0.2 - 0.7 + 0.4 - 0.9) / 2, 12);
    expect(against("reranked").reranked!.value).toBeCloseTo((0.3 - 0.7 + 0.5 - 0.9) / 2, 12);
    expect(against("retrieval").reranked!.value).toBeCloseTo((0.3 - 0.1 + 0.5 - 0.1) / 2, 12);
  });

  it("has no such comparison without a common question, or in a ranking that was not evaluated", () => {
    const of = (lines: QuestionLine[], rows = runs) =>
      againstRecorded(questions, rows, { lines, ranking: "reranked" }, {});
    expect(of([line("d", 1, 1)])).toBeNull();
    expect(of([line("a", 1, 1)], [runs[0]!])).toMatchObject({ reranked: null, retrieval: { value: -0.8 } });
  });
});
