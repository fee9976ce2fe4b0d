import { WinnowError } from "./errors.ts";

/**
 * Format of all stored JSON, in its field `schema`; a value without the field has this format too. A change that an older
 * version must not overlook raises the number in the values that need it. New fields that may be overlooked do not.
 */
export const STORED_FORMAT = 1;

/** Why a value that a newer version stored cannot be read by this one, in words that follow its path; null for others. */
export function formatProblem(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const { schema } = value as { schema?: unknown };
  if (typeof schema !== "number" || schema <= STORED_FORMAT) return null;
  return `has format ${schema}, and this version of Winnow reads format ${STORED_FORMAT}: a newer version wrote it. Use that version, or a later one, on this state`;
}

/** A stored value of a newer version, which is whole for that version. */
export class NewerFormat extends WinnowError {
  constructor(place: string, problem: string) {
    super("CorruptArtifact", `${place} ${problem}`);
  }
}
