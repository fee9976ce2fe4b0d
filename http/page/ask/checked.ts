import type { z } from "zod";
import { askBodySchema } from "../../../contracts/answer.ts";
import { HttpFailure } from "../../failure.ts";
import type { Asked } from "./choice.ts";

const askedSchema = askBodySchema.pick({ question: true, corpus: true, release: true });

/** A question and choice, checked as the API checks it. Throws BadInput as a failure with status 400. */
export function checked(asked: Asked): z.infer<typeof askedSchema> {
  const { success, data, error } = askedSchema.safeParse(asked);
  if (success) return data;
  throw new HttpFailure(
    400,
    "BadInput",
    error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
  );
}
