import type { z } from "zod";
import { WinnowError } from "./errors.ts";

/** Enough to mend an input by. */
const MAX_PROBLEMS = 10;

/** Returns a workflow's complete input. Throws BadInput, which names each wrong field and each unknown key. */
export function parseInput<T extends z.ZodType>(schema: T, raw: unknown): z.infer<T> {
  const parsed = schema.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
  throw new WinnowError("BadInput", problems.join("; "));
}
