import ts from "typescript";
import { isRetryable } from "../../activities/failures.ts";
import { describeFailure } from "../../cli/failure.ts";
import { ERROR_CODES, type ErrorCode, WinnowError } from "../../core/base/errors.ts";
import { GENERATED, sentence, table } from "./markdown.ts";
import { docComment, parseSource, walk } from "./source.ts";

/** docs/reference/errors.md, from the error codes, their comments, the retry table and the exit codes. */
export function errorsPage(): string {
  const meanings = meaningsOfCodes();
  const rows = ERROR_CODES.map((code) => [
    `\`${code}\``,
    meanings.get(code) ?? "",
    isRetryable(code) ? "yes" : "no",
    `${describeFailure(new WinnowError(code, "")).code}`,
  ]);
  return [
    GENERATED,
    "# Errors",
    [
      "Every error of the domain has a code. It is the `error` of a command's JSON document and the type of the failure in Temporal.",
      "Temporal retries an activity only when the code is retryable; an error without a code is retried.",
    ].join("\n"),
    table(["code", "when", "retried", "exit code"], rows),
    "[Repair](../operate/repair.md) says what to do about the ones that need a person.",
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function meaningsOfCodes(): Map<ErrorCode, string> {
  const meanings = new Map<ErrorCode, string>();
  walk(parseSource("core/base/errors.ts"), (node) => {
    if (!ts.isStringLiteral(node) || !(ERROR_CODES as readonly string[]).includes(node.text)) return;
    const comment = docComment(node);
    if (comment !== "") meanings.set(node.text as ErrorCode, sentence(comment.replace(/^Thrown when /, "")));
  });
  return meanings;
}
