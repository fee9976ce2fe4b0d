import { FORMATS } from "../index.ts";
import { plainMarkdown as plainWith } from "../markdown/reader.ts";

/** Markdown as the table's dialects read it. */
export function plainMarkdown(body: string): string {
  return plainWith(
    body,
    FORMATS.flatMap(({ dialect }) => dialect ?? []),
  );
}
