import type { CallToolResult } from "@modelcontextprotocol/server";
import { asWinnowError, isForCallers, rootCause } from "../client/outcome.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";

/** What the model can do next, where the error itself names a remedy for the operator only. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  BadInput: "Call the tool again with an input that fits.",
  UnknownRelease: "`status` lists what serves.",
  Busy: "Wait as long as it says, then call the tool again.",
  TemporalUnreachable: "`search` and `fetch` work without Temporal.",
  ComputeCrashed: "Call the tool once more.",
  LlmRefused: "`search` finds the passages without the model.",
  StoreUnavailable: "Call the tool again in some seconds.",
};

/** A failure as the model reads it. */
export interface ToolFailure {
  result: CallToolResult;
  /** True if the operator's log must have the cause, since the model was not told all of it. */
  hidden: boolean;
}

/**
 * Cause and next step as a tool's error. `causes` shows messages that may name addresses and folders of this machine.
 * The message of an unexpected error is shown only then.
 */
export function toolFailure(thrown: unknown, { causes }: { causes: boolean }): ToolFailure {
  const error = asWinnowError(thrown);
  if (!(error instanceof WinnowError)) return unexpected(rootCause(error), causes);
  const { code, message } = error;
  const shown = causes || isForCallers(code);
  const cause = shown ? message : `Winnow cannot do this now (${code}): its log has the cause.`;
  const next = NEXT[code];
  return { result: errorText(next === undefined ? cause : `${cause} ${next}`), hidden: !shown };
}

/** An error without a code of Winnow's. Workflows fail by one where nobody polls a queue. */
function unexpected(root: unknown, causes: boolean): ToolFailure {
  const { message, type } = (root ?? {}) as { message?: unknown; type?: unknown };
  const noWorker = type === "NoWorker";
  const hiding = noWorker
    ? "No worker answers questions now."
    : "Something failed inside Winnow: its log has the cause.";
  const cause = causes ? String(message ?? root) : hiding;
  const text = noWorker ? `${cause} \`search\` and \`fetch\` work without workers.` : cause;
  return { result: errorText(text), hidden: true };
}

function errorText(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
