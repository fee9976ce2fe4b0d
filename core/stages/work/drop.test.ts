import { expect, test } from "vitest";
import { ROWS } from "../../../contracts/ladderRows.ts";
import type { QuestionLine } from "../../artifacts/evaluation.ts";
import { ndcgDrop } from "./drop.ts";

const line = (id: string, retrieval: number | null, calibrated = 0.9): QuestionLine => ({
  id,
  kind: "howto",
  query: `question ${id}`,
  mustPass: false,
  stale: retrieval === null,
  metrics:
    retrieval === null ? {} : { [ROWS.retrieval]: { "ndcg@10": retrieval }, [ROWS.served]: { "ndcg@10": calibrated } },
  served: {},
});

test("is the mean loss over the questions that are live in both", () => {
  const before = [line("a", 0.8), line("b", 0.6), line("c", 1), line("stale", null)];
  const now = [line("a", 0.7), line("b", 0.5), line("c", null), line("stale", 1), line("new", 0)];
  expect(ndcgDrop(before, now, "retrieval")).toBeCloseTo(0.1, 12);
});

test("reads the served row", () => {
  expect(ndcgDrop([line("a", 0.8, 0.9)], [line("a", 0.8, 0.6)], "reranked")).toBeCloseTo(0.3, 12);
});

test("skips questions whose wording changed", () => {
  expect(ndcgDrop([{ ...line("a", 0.8), query: "other" }], [line("a", 0.1)], "retrieval")).toBeNull();
});
