import type { WorkflowExecutionInfo } from "@temporalio/client";

const ATTRIBUTES = {
  corpus: "WinnowCorpus",
  release: "WinnowRelease",
  outcome: "WinnowOutcome",
  stage: "WinnowStage",
} as const;

/** Value of a run's search attribute, or of its memo if the server lacks the attributes. */
export function fact(
  { searchAttributes, memo }: Pick<WorkflowExecutionInfo, "searchAttributes" | "memo">,
  name: keyof typeof ATTRIBUTES,
): string | null {
  const value = searchAttributes[ATTRIBUTES[name]]?.[0] ?? memo?.[name];
  return value === undefined ? null : String(value);
}
