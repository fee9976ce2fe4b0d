import { expect, it } from "vitest";
import type { PipelineInput } from "../contracts/pipeline.ts";
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

/** A value of every field, none the default. A new field has no type here until it has one. */
const everything: Required<Omit<PipelineInput, "training">> & { training: Required<PipelineInput["training"]> } = {
  docs: { ...docs, baseUrl: "https://docs.example/" },
  questions: "/q.jsonl",
  models: { embedder: "acme/small", reranker: "acme/rerank" },
  until: "evaluate",
  only: "train",
  force: ["train"],
  training: { budgetMinutes: 2, leastSteps: 3, seed: 4, strict: true, pairs: "/p.jsonl", written: 5 },
  retrain: "never",
  falseAnswers: 0.1,
  gate: "manual",
  approvalHours: 6,
};

it("names every field of the input", () => {
  const leaves = (value: object): unknown[] =>
    Object.values(value).flatMap((each) => (typeof each === "object" ? leaves(each) : [each]));
  const named = Object.values(namedOptions(everything));
  // `only` takes the place of `until`.
  const { until, ...shown } = everything;
  expect(named.sort()).toEqual(leaves(shown).map(String).sort());
  expect(namedOptions({ docs, until })).toMatchObject({ until });
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
