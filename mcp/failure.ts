import type { CallToolResult } from "@modelcontextprotocol/server";
import { asWinnowError, rootCause } from "../client/outcome.ts";
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

/** Codes whose messages speak of the caller's own input. All others may name addresses and folders of the server. */
const CALLERS: readonly ErrorCode[] = ["BadInput", "UnknownRelease", "Busy", "Cancelled"];

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
  if (!(error instanceof WinnowError)) {
    const root = rootCause(error);
    const message = root instanceof Error ? root.message : String(root);
    return {
      result: errorText(causes ? message : "Something failed inside Winnow: its log has the cause."),
      hidden: true,
    };
  }
  const { code, message } = error;
  const shown = causes || CALLERS.includes(code);
  const cause = shown ? message : `Winnow cannot do this now (${code}): its log has the cause.`;
  const next = NEXT[code];
  return { result: errorText(next === undefined ? cause : `${cause} ${next}`), hidden: !shown };
}

function errorText(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
