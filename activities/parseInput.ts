import type { z } from "zod";
import { WinnowError } from "../core/base/errors.ts";

/** A workflow's input, complete. Throws BadInput naming each field that is wrong, and unknown keys by name. */
export function parseInput<T extends z.ZodType>(schema: T, raw: unknown): z.infer<T> {
  const parsed = schema.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
  throw new WinnowError("BadInput", problems.join("; "));
}
