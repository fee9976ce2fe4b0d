import { expect, it } from "vitest";
import { inputSchema } from "./inputSchema.ts";

it("publishes the input of a workflow: pipeline requires nothing, ask a question; unknown keys are refused", () => {
  const pipeline = inputSchema("pipeline");
  expect(pipeline).toMatchObject({ type: "object", additionalProperties: false });
  expect(pipeline.required ?? []).toEqual([]);
  expect(pipeline.properties).toMatchObject({
    falseAnswers: { type: "number", minimum: 0, maximum: 1 },
    gate: { enum: ["auto", "manual"], default: "auto" },
  });
  expect(inputSchema("ask").required).toEqual(["question"]);
  expect(inputSchema("promote").required).toContain("release");
  expect(() => inputSchema("corpusLock")).toThrow(/one of pipeline, ask, promote, rollback/);
});
