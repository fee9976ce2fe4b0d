import { describe, expect, it } from "vitest";
import { lessonOf } from "./targets.ts";

const group = { question: "q", passages: ["right", "near", "far"], teacher: [4, 6, 1] };
const rows = group.passages.map(() => ({ ids: [1] }));
const start = { scoreAtStart: async () => Float32Array.of(1, 0, 2) };
const listwise = { loss: "listwise", distillation: 0.4, residual: 0.5 } as const;
const numbers = (values: Float32Array) => [...values].map((value) => Number(value.toFixed(4)));

describe("the targets of a group", () => {
  it("correct retrieval: its scores, minus the positive's, are added to the logits", async () => {
    const { prior } = await lessonOf(start, group, rows, listwise);
    expect(numbers(prior)).toEqual([0, 1, -1.5]);
  });

  it("are the positive as far as the untrained order ranks it first, otherwise that order", async () => {
    const { targets } = await lessonOf(start, group, rows, listwise);
    const before = [1, 1, 0.5].map(Math.exp);
    const sum = before.reduce((a, b) => a + b, 0);
    const trust = (0.6 * before[0]!) / sum;
    const expected = before.map((x, i) => trust * Number(i === 0) + ((1 - trust) * x) / sum);
    expect(numbers(targets)).toEqual(expected.map((x) => Number(x.toFixed(4))));
  });

  it("change nothing if that order ranks the positive far behind", async () => {
    const wrong = { scoreAtStart: async () => Float32Array.of(-20, 0, 2) };
    const { targets } = await lessonOf(wrong, group, rows, { ...listwise, distillation: 0.1 });
    expect(targets[0]).toBeLessThan(1e-6);
  });

  it("are the retriever's order if the logits have no prior", async () => {
    const { targets, prior } = await lessonOf(start, group, rows, { ...listwise, distillation: 1, residual: 0 });
    expect(numbers(prior)).toEqual([0, 0, 0]);
    expect(targets[1]! / targets[0]!).toBeCloseTo(Math.exp(2), 3);
  });

  it("are an external teacher's order, with no prior, for any residual", async () => {
    const scored = { question: "q", passages: group.passages, scores: [1, 3, 0] };
    const { targets, prior } = await lessonOf(start, scored, rows, listwise);
    expect(numbers(prior)).toEqual([0, 0, 0]);
    const soft = [1, 3, 0].map(Math.exp);
    const sum = soft.reduce((a, b) => a + b, 0);
    expect(numbers(targets)).toEqual(soft.map((x, i) => Number((0.6 * Number(i === 0) + (0.4 * x) / sum).toFixed(4))));
    expect(numbers((await lessonOf(start, scored, rows, { ...listwise, loss: "marginMse" })).targets)).toEqual([
      1, 3, 0,
    ]);
  });

  it("are each passage's own chance for a graded group, beside its own prior", async () => {
    const chances = { question: "q", passages: group.passages, scores: [1, 0.5, 0], prior: [-1, -2, -3] };
    const graded = { ...listwise, loss: "graded" } as const;
    const { targets, prior } = await lessonOf(start, chances, rows, graded);
    expect([numbers(targets), numbers(prior)]).toEqual([
      [1, 0.5, 0],
      [-1, -2, -3],
    ]);
    const { prior: none } = await lessonOf(start, { ...chances, prior: undefined }, rows, graded);
    expect(numbers(none)).toEqual([0, 0, 0]);
  });

  it("are the positive alone without a teacher, and the teacher's scores for marginMse", async () => {
    const { teacher: _, ...plain } = group;
    expect(numbers((await lessonOf(start, plain, rows, listwise)).targets)).toEqual([1, 0, 0]);
    expect(numbers((await lessonOf(start, group, rows, { ...listwise, loss: "marginMse" })).targets)).toEqual([
      4, 6, 1,
    ]);
  });
});
