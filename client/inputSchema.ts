import { z } from "zod";
import { askInputSchema } from "../contracts/ask.ts";
import { pipelineInputSchema } from "../contracts/pipeline.ts";
import { promoteInputSchema, rollbackInputSchema } from "../contracts/release.ts";
import { WinnowError } from "../core/base/errors.ts";

const INPUTS = {
  pipeline: pipelineInputSchema,
  ask: askInputSchema,
  promote: promoteInputSchema,
  rollback: rollbackInputSchema,
};

/**
 * JSON Schema (draft 2020-12) of the one object that a workflow is started with: `pipeline`, `ask`, `promote` or
 * `rollback`. Fields with a default are optional. Throws BadInput for another name.
 */
export function inputSchema(workflow: string): Record<string, unknown> {
  if (!Object.hasOwn(INPUTS, workflow)) {
    throw new WinnowError(
      "BadInput",
      `${workflow} cannot be started by hand: give one of ${Object.keys(INPUTS).join(", ")}`,
    );
  }
  const schema = z.toJSONSchema(INPUTS[workflow as keyof typeof INPUTS], { io: "input" });
  return { title: `Input of workflow ${workflow}`, ...schema };
}
