import { z } from "zod";
import { askInputSchema } from "../contracts/ask.ts";
import { pipelineInputSchema } from "../contracts/pipeline.ts";
import { promoteInputSchema, rollbackInputSchema } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";
import { questionSchema } from "../core/judging/question.ts";

const INPUTS = {
  pipeline: pipelineInputSchema,
  ask: askInputSchema,
  promote: promoteInputSchema,
  rollback: rollbackInputSchema,
};

/** Name of the schema of a question set's line. */
const QUESTIONS = "questions";

/**
 * JSON Schema (draft 2020-12) of the one object that a workflow is started with: `pipeline`, `ask`, `promote` or
 * `rollback`, or of a line of a question set: `questions`. Fields with a default are optional. Throws BadInput for
 * another name.
 */
export function inputSchema(name: string): Record<string, unknown> {
  if (name === QUESTIONS) return questionLineSchema();
  if (!Object.hasOwn(INPUTS, name)) {
    throw new WinnowError(
      "BadInput",
      `${name} has no schema: give one of ${[...Object.keys(INPUTS), QUESTIONS].join(", ")}`,
    );
  }
  const schema = z.toJSONSchema(INPUTS[name as keyof typeof INPUTS], { io: "input" });
  return { title: `Input of workflow ${name}`, ...schema };
}

/** A line of a question set, with the rule that only answerable questions have judgments. */
function questionLineSchema(): Record<string, unknown> {
  const { properties, ...schema } = z.toJSONSchema(questionSchema, { io: "input" });
  return {
    title: "Line of a question set",
    ...schema,
    properties,
    if: { properties: { kind: { pattern: "^unanswerable" } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { relevant: { maxItems: 0 } } },
    else: { properties: { relevant: { minItems: 1 } } },
  };
}
