import type { z } from "zod";
import { askBodySchema } from "../../../contracts/answer.ts";
import { parseInput } from "../../../core/base/parseInput.ts";
import type { Asked } from "./choice.ts";

const askedSchema = askBodySchema.pick({ question: true, corpus: true, release: true });

/** A question and choice, checked as the API checks them. Throws BadInput. */
export function checked(asked: Asked): z.infer<typeof askedSchema> {
  return parseInput(askedSchema, asked);
}
