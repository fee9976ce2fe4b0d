import { artifactPlace } from "../client/artifactPlace.ts";
import type { Places } from "../client/settings.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";
import { REPORT_FILE } from "../core/artifacts/evaluation.ts";
import { renderEvaluation, renderGate } from "./render.ts";
import { renderChanges } from "./renderChanges.ts";

/** Formats the result of a run. `places` locates artifacts; `all` shows every row of the ladder. */
export function renderRun(result: PipelineResult, places: Places, { all }: { all?: boolean } = {}): string {
  if (result.status === "already running")
    return `A run of corpus ${result.corpus} is already under way: ${result.workflowId}`;
  const parts: string[] = result.status === "unchanged" ? [result.reason, ""] : [];
  if (result.changes) parts.push(renderChanges(result.changes), "");
  if (result.evaluation) parts.push(renderEvaluation(result.evaluation, { ranking: result.gate?.ranking, all }), "");
  if (result.gate) parts.push(renderGate(result.gate), "");
  if (result.approval)
    parts.push(
      `Release ${result.release} of ${result.corpus} waits for a person: \`npx winnow releases approve --corpus ${result.corpus}\`, or reject.`,
    );
  else if (result.release)
    parts.push(
      `Release ${result.release} of ${result.corpus}${result.promoted ? " serves now" : " is kept, not promoted"}.`,
    );
  else parts.push(result.reason);
  for (const [stage, ref] of Object.entries(result.artifacts)) {
    if (stage === "evaluate") parts.push(`Report: ${artifactPlace(places, ref, REPORT_FILE)}`);
    if (stage === "train") parts.push(`Model:  ${artifactPlace(places, ref)}`);
  }
  return parts.join("\n");
}
