import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { readRequested, type WriteRequest, writeWritten } from "../artifacts/written.ts";
import { WinnowError } from "../base/errors.ts";
import type { Llm, LlmSettings } from "../llm/llm.ts";
import type { choosePassages } from "../training/questions/written/passages.ts";
import { PROMPT_VERSION, REPLY_TOKENS } from "../training/questions/written/prompt.ts";
import { openReplies, type Replies } from "../training/questions/written/replies.ts";
import { defineStage, type StageContext, type StageInput, type StageRun, workIn } from "./stage.ts";

export interface WriteInput extends StageInput {
  ingest: ArtifactRef;
  /** Questions wanted. */
  count: number;
  seed: number;
}

/** The run fails if the endpoint gives no reply for this long. */
const PATIENCE_MS = 10 * 60_000;

/** Timeout of a call. No user waits for a reply, and a model on the same machine serves calls one by one. */
const CALL_MS = 180_000;

/** The operator's endpoint, with limits for one line per call. */
export function forQuestions(settings: LlmSettings): LlmSettings {
  return { ...settings, maxTokens: REPLY_TOKENS, temperature: 0, timeoutMs: CALL_MS };
}

/** Lets the LLM write training questions. Replies are saved at once, so a retry requests only the missing ones. */
export const writeQuestions = defineStage({
  name: "written",
  of: "train",
  queue: "winnow-cpu",
  reads: ({ ingest }: WriteInput) => ({ passages: ingest }),
  options: ({ count, seed }: WriteInput, context) => ({
    ...{ count, seed, model: llmOf(context).model, prompt: PROMPT_VERSION },
  }),
  work: workIn<typeof choosePassages>("../training/questions/written/passages.ts", "choosePassages"),
  also: [{ file: "core/training/questions/written/write.ts", names: ["askForQuestions", "readReplies"] }],
  async run({ passages }, { count, seed }: WriteInput, run) {
    const { context, outDir } = run;
    const llm = llmOf(context);
    const { readReplies } = await import("../training/questions/written/write.ts");
    await run.compute({ ingestDir: passages, count, seed });
    const requests = await readRequested(outDir);
    const replies = await openReplies(join(context.home, "written"), llm.model);
    const cached = await ask(requests, llm, replies, run);
    const { questions, rejected } = readReplies(requests, replies);
    const asked = requests.length;
    const written = questions.length;
    await writeWritten(outDir, questions, { model: llm.model, asked, written, rejected });
    const summary = `${written} questions for ${asked} passages by ${llm.model}, ${cached} replies from the cache`;
    return { summary, facts: { written } };
  },
});

function llmOf({ llm }: StageContext): Llm {
  if (llm) return llm;
  throw new WinnowError(
    "BadInput",
    "This worker has no LLM to write questions with: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL for the cpu pool",
  );
}

/** Returns the number of replies from the cache. Throws LlmSilent if the endpoint has been silent for too long. */
async function ask(
  requests: WriteRequest[],
  llm: Llm,
  replies: Replies,
  { since, signal, onProgress }: Pick<StageRun<never, never>, "since" | "signal" | "onProgress">,
): Promise<number> {
  const { askForQuestions } = await import("../training/questions/written/write.ts");
  const { LlmUnavailable } = await import("../llm/llmErrors.ts");
  let heardAt = since;
  const onReply = (done: number) => {
    heardAt = Date.now();
    onProgress({ step: done, of: requests.length, note: `writing questions: ${done} of ${requests.length}` });
  };
  try {
    return await askForQuestions(requests, llm, replies, { signal, onReply });
  } catch (error) {
    heardAt = Math.max(heardAt, replies.lastAt);
    if (!(error instanceof LlmUnavailable) || Date.now() - heardAt < PATIENCE_MS) throw error;
    const silent = Math.round((Date.now() - heardAt) / 60_000);
    throw new WinnowError(
      "LlmSilent",
      `${error.message}; no reply for ${silent} min. The replies so far are kept: run again to continue.`,
      { cause: error },
    );
  }
}
