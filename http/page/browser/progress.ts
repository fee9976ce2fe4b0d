import type { FoundPassages, IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import type { Prepared, Source } from "../answer/shown.ts";

/** An error as the API words it, or as the browser met it. */
export interface Problem {
  code: string;
  message: string;
}

/** A question while it is answered. */
export interface Progress {
  /** `lost`: the stream broke, and the answer is read by its id. */
  phase: "asking" | "writing" | "lost" | "answered" | "failed" | "stopped";
  id: string | null;
  found: FoundPassages | null;
  /** What the LLM wrote so far. Nobody checked it. */
  draft: string;
  answer: IdentifiedAnswer | null;
  prepared: Prepared | null;
  sources: (Source | null)[] | null;
  problem: Problem | null;
}

/** What happens to a question: events of the API's stream, and of the browser. */
export type Happening =
  | { event: "accepted"; data: { id: string } }
  | { event: "passages"; data: FoundPassages }
  | { event: "token"; data: { text: string } }
  | { event: "restart"; data: unknown }
  | { event: "answer" | "abstained"; data: IdentifiedAnswer }
  | { event: "error"; data: Problem }
  | { event: "prepared"; data: Prepared }
  | { event: "sources"; data: (Source | null)[] }
  | { event: "lost" | "stopped"; data: null };

export const BEGUN: Progress = {
  phase: "asking",
  ...{ id: null, found: null, draft: "", answer: null, prepared: null, sources: null, problem: null },
};

/** What is shown of a question that nobody follows any more: what has ended; null for one under way. */
export function keptOf(progress: Progress | null): Progress | null {
  return progress !== null && isOver(progress) ? progress : null;
}

/** The next state. What arrives after the end changes nothing, except for what completes an answer. */
export function next(progress: Progress, { event, data }: Happening): Progress {
  if (event === "prepared") return { ...progress, prepared: data };
  if (event === "sources") return { ...progress, sources: data };
  if (isOver(progress)) return progress;
  switch (event) {
    case "accepted":
      return { ...progress, id: data.id };
    case "passages":
      return { ...progress, found: data };
    case "token":
      return { ...progress, phase: "writing", draft: progress.draft + data.text };
    case "restart":
      return { ...progress, draft: "" };
    case "answer":
    case "abstained":
      return { ...progress, phase: "answered", answer: data };
    case "error":
      return { ...progress, phase: "failed", problem: data };
    case "lost":
      return progress.id === null ? { ...progress, phase: "failed", problem: OFFLINE } : { ...progress, phase: "lost" };
    case "stopped":
      return { ...progress, phase: "stopped" };
    // An event of a later server.
    default:
      return progress;
  }
}

/** What is said when the server cannot be reached at all. */
export const OFFLINE: Problem = { code: "Offline", message: "Winnow did not answer." };

/** True once nothing more will be written. */
export function isOver({ phase }: Progress): boolean {
  return phase === "answered" || phase === "failed" || phase === "stopped";
}

/** The state in a few words, for a screen reader. */
export function said({ phase, answer }: Progress): string {
  switch (phase) {
    case "asking":
      return "Searching the docs";
    case "writing":
      return "An answer is being written";
    case "lost":
      return "The connection was lost. Reading the answer again";
    case "answered":
      return answer?.kind === "abstained" ? "The docs do not seem to answer this" : "The answer is ready";
    case "failed":
      return "There is no answer";
    case "stopped":
      return "Stopped";
  }
}
