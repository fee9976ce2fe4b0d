import { expect, it } from "vitest";
import { inputSchema } from "./inputSchema.ts";

it("publishes what a workflow takes: nothing is required of pipeline, a question of ask, unknown keys are refused", () => {
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
