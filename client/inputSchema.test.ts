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
  expect(() => inputSchema("corpusLock")).toThrow(/one of pipeline, ask, promote, rollback, questions/);
});

it("publishes a line of a question set, with a description of each field and the rule of unanswerable kinds", () => {
  const schema = inputSchema("questions") as {
    properties: Record<
      string,
      { description?: string; items?: { properties: Record<string, { description?: string }> } }
    >;
  };
  expect(schema).toMatchObject({
    title: "Line of a question set",
    required: ["id", "query", "kind", "relevant"],
    if: { properties: { kind: { pattern: "^unanswerable" } } },
    else: { properties: { relevant: { minItems: 1 } } },
  });
  const fields = [
    ...Object.entries(schema.properties),
    ...Object.entries(schema.properties.relevant!.items!.properties),
  ];
  expect(fields.filter(([, { description }]) => !description).map(([name]) => name)).toEqual([]);
});

type Described = { description?: string; properties?: Record<string, Described>; items?: Described };

/** Paths of fields without a description. */
function undescribed({ properties = {}, items }: Described, path: string): string[] {
  const own = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description ? [] : [`${path}.${name}`]),
    ...undescribed(field, `${path}.${name}`),
  ]);
  return [...own, ...(items ? undescribed(items, `${path}[]`) : [])];
}

it.each(["pipeline", "ask", "promote", "rollback", "questions"])("describes each field of %s", (name) => {
  expect(undescribed(inputSchema(name), name)).toEqual([]);
});
