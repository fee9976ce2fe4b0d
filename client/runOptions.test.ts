import { expect, it } from "vitest";
import { namedOptions, optionDifferences } from "./runOptions.ts";

const docs = { path: "/srv/docs", name: "handbook" };

it("names docs, corpus and what differs from the defaults, as the command line does", () => {
  expect(namedOptions({ docs })).toEqual({ docs: "/srv/docs", name: "handbook" });
  const input = { docs, training: { budgetMinutes: 2, strict: true }, force: ["train", "deploy"], gate: "manual" };
  expect(namedOptions(input)).toEqual({
    ...{ docs: "/srv/docs", name: "handbook", budget: "2" },
    ...{ strict: "true", force: "train deploy", gate: "manual" },
  });
});

it("names the models that were chosen, not those of the worker", () => {
  const models = { embedder: "acme/small", reranker: "auto" };
  expect(optionDifferences({ docs }, { docs, models })).toEqual([
    { option: "embedder", open: null, asked: "acme/small" },
  ]);
});

it("input that does not parse has no options", () => {
  expect(namedOptions({ docs: 3 })).toEqual({});
});

it("a default and its absence are the same; a name may come from the path", () => {
  expect(optionDifferences({ docs }, { docs: { path: "/srv/docs" }, retrain: "auto" })).toEqual([]);
  expect(optionDifferences({ docs, training: { budgetMinutes: 2 } }, { docs, questions: "/q.jsonl" })).toEqual([
    { option: "budget", open: "2", asked: null },
    { option: "questions", open: null, asked: "/q.jsonl" },
  ]);
});
