/**
 * Format of all stored JSON, in its field `schema`; a value without the field has this format too. A change that an older
 * version must not overlook raises the number in the values that need it. New fields that may be overlooked do not.
 */
export const STORED_FORMAT = 1;

/** Why a stored value cannot be read by this version, in words that follow its path; null for a known format. */
export function formatProblem(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const { schema } = value as { schema?: unknown };
  if (schema === undefined || schema === STORED_FORMAT) return null;
  const found = JSON.stringify(schema)?.slice(0, 40) ?? "unknown";
  return `has format ${found}, and this version of Winnow reads format ${STORED_FORMAT}: a newer version wrote it. Use that version, or a later one, on this state`;
}
