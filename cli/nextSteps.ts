import { proposedQuestion, SAMPLE } from "../client/sample.ts";
import { START } from "../core/base/ownModules.ts";
import { dim } from "./style.ts";

/** What the hints of `winnow up` depend on. Places are null if the server ends with the command. */
interface Situation {
  /** Corpus that serves; null if there are several. */
  corpus: string | null;
  address: string | null;
  ui: string | null;
  api: string | null;
  /** Run whose page in the Web UI is shown. */
  workflowId?: string;
}

/** A line across the text. */
export function rule(columns: number): string {
  return dim("─".repeat(Math.min(72, columns)));
}

/** Formats what to type next. Only the sample has questions of its own; nobody knows those of other docs. */
export function nextSteps({ corpus, address, ui, api, workflowId }: Situation, columns: number): string {
  const sample = corpus === SAMPLE;
  const question = sample ? proposedQuestion() : "YOUR QUESTION";
  const of = corpus === null ? " --corpus NAME" : "";
  const input = JSON.stringify({ question, ...(corpus === null ? {} : { corpus }) });
  const page = workflowId ? `/namespaces/default/workflows/${workflowId}` : "";
  return [
    "",
    rule(columns),
    ...(api ? [`Page:          ${api}   (the API: ${api}/docs)`] : []),
    ...(ui ? [`Web UI:        ${ui}${page}`] : address ? [`Temporal:      ${address}`] : []),
    `Ask:           npx winnow ask "${question}"${of}`,
    `See the ranks: npx winnow search "${question}"${of}`,
    ...(sample ? [`Your own docs: ${START.own}   (or: npx winnow run --docs PATH --questions FILE)`] : []),
    ...(address
      ? [
          `By Temporal:   temporal workflow execute --address ${address} --type ask --task-queue winnow --input '${input}'`,
        ]
      : ["Serve:         npx winnow serve"]),
  ].join("\n");
}
