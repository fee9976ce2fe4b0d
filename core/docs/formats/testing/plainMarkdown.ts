import { FORMATS } from "../index.ts";
import { plainMarkdown as plainWith } from "../markdown/reader.ts";

/** Markdown as read by all dialects of the table. */
export function plainMarkdown(body: string): string {
  return plainWith(
    body,
    FORMATS.flatMap(({ dialect }) => dialect ?? []),
  );
}
