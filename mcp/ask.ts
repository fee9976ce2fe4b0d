import type { Doors } from "../client/doors.ts";
import { type AskToolOutput, askToolInput, askToolOutput } from "../contracts/agents.ts";
import { ANSWER_KINDS } from "../contracts/names.ts";
import { bestRelevance } from "../core/answering/receipt.ts";
import { type Answered, answerWithin } from "./answer.ts";
import { withinBudget } from "./budget.ts";
import { passageIdOf } from "./ids.ts";
import { rounded, roundedLimits } from "./rounded.ts";
import type { AgentTool } from "./tool.ts";

/** Clients give up a call after 60 s: the stand-in must be there before. */
export const DEADLINE_MS = 55_000;

export interface AskToolOptions {
  /** Milliseconds after which passages are quoted instead of a late answer. */
  deadlineMs?: number;
  /** Corpus if none is given. */
  usual?: string;
}

/** The tool `ask`. A refusal is a result, not an error. */
export function askTool(
  doors: Pick<Doors, "follow" | "degraded">,
  { deadlineMs = DEADLINE_MS, usual }: AskToolOptions = {},
): AgentTool<typeof askToolInput, typeof askToolOutput> {
  return {
    name: "ask",
    title: "Ask the docs",
    description:
      "An answer from the docs with exact quotations and their places, or a refusal with the reason, P(relevant), the threshold and the closest passages. Where it is not sure, it quotes the closest match and says so. Use it for a question that the docs should answer. Not for questions about the user's own code or other products.",
    input: askToolInput,
    output: askToolOutput,
    async run({ question, corpus = usual, release, passages, maxTokens }, call) {
      const answered = await answerWithin(doors, question, { corpus, release, passages }, { ...call, deadlineMs });
      const { citations, closest } = answered.result;
      const count = citations.length + closest.length;
      return withinBudget(count, maxTokens, (kept, note) => outputOf(answered, count, kept, note));
    },
  };
}

function outputOf(answered: Answered, count: number, kept: number, note: string | null): AskToolOutput {
  const { result, receipt: id } = answered;
  const { kind, answer, citations, unsupported, receipt } = result;
  const { threshold, limits, refusedBy, model, release, corpus, ranking, unmeasured } = receipt;
  return {
    answered: ANSWER_KINDS[kind].answers,
    kind,
    answer,
    why: whyOf(answered),
    refusedBy,
    relevance: receipt.candidates.length === 0 ? null : rounded(bestRelevance(receipt.candidates)),
    threshold: rounded(threshold),
    limits: roundedLimits(limits),
    citations: citations.slice(0, kept),
    closest: closestOf(answered).slice(0, Math.max(0, kept - citations.length)),
    unsupported,
    ...{ receipt: id, model, release, corpus, ranking, unmeasured: unmeasured ?? false },
    omitted: count - kept,
    note,
  };
}

function whyOf({ result, late }: Answered): string | null {
  if (result.kind !== "degraded") return result.receipt.why;
  // An answer that the workflow degraded gives the reason in its first paragraph.
  return late ?? result.answer.split("\n\n")[0]!;
}

/** The closest passages are the first candidates in served order. */
function closestOf({ result: { closest, receipt } }: Answered): AskToolOutput["closest"] {
  const served = [...receipt.candidates].sort((a, b) => a.rank.served - b.rank.served);
  return closest.flatMap((citation, at) => {
    const candidate = served[at];
    if (candidate === undefined) return [];
    const { id, scores } = candidate;
    return [{ id: passageIdOf(receipt.release, id), relevance: rounded(scores.relevance), ...citation }];
  });
}
