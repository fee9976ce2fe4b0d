import { asWinnowError, rootCause } from "../client/outcome.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";
import { EXIT } from "./exit.ts";

const BAD_INPUT: ErrorCode[] = [
  "BadInput",
  "BadSource",
  "BadQuestionSet",
  "UnknownRelease",
  "UnknownAnswer",
  "MissingArtifact",
  "BadModel",
  "HubRefused",
];

/** Message and exit code for anything that a command threw. */
export function describeFailure(error: unknown): { code: number; name: string; message: string } {
  // A named error speaks for itself: its cause is what it explains.
  const named = asWinnowError(error);
  const root = named instanceof WinnowError ? named : rootCause(named);
  const name = root instanceof WinnowError ? root.code : String((root as { type?: unknown } | null)?.type ?? "Error");
  const message = root instanceof Error ? root.message : String(root);
  if (name === "TemporalUnreachable") return { code: EXIT.temporalUnreachable, name, message };
  if (name === "Busy") return { code: EXIT.busy, name, message };
  if (name === "Cancelled" || root?.constructor?.name === "CancelledFailure")
    return { code: EXIT.cancelled, name: "Cancelled", message: message || "cancelled" };
  return { code: BAD_INPUT.includes(name as ErrorCode) ? EXIT.badInput : EXIT.failed, name, message };
}
