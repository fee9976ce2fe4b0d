import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { WinnowError } from "../core/base/errors.ts";
import { readJsonLines, writeJsonLines } from "../core/base/jsonl.ts";
import type { Llm, LlmSettings } from "../core/llm/llm.ts";
import { LlmUnavailable } from "../core/llm/llmErrors.ts";
import type { WriteRequest } from "../core/training/questions/written/passages.ts";
import { PROMPT_VERSION, REPLY_TOKENS } from "../core/training/questions/written/prompt.ts";
import { openReplies, type Replies } from "../core/training/questions/written/replies.ts";
import { askForQuestions, readReplies, type WrittenStats } from "../core/training/questions/written/write.ts";
import type { Pulse } from "./heartbeat.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface WriteInput {
  corpus: string;
  ingest: ArtifactRef;
  /** Questions wanted. */
  count: number;
  seed: number;
  mode: StepMode;
}

export interface WriteDeps extends StageDeps {
  /** The operator's endpoint; null: none is configured. */
  llm: Llm | null;
}

/** So long an endpoint may give no reply at all before the run fails. */
const PATIENCE_MS = 10 * 60_000;

/** Nobody waits for one reply, and a model on the same machine takes its calls in turn. */
const CALL_MS = 180_000;

/** The operator's endpoint, used for one line a call. */
export function forQuestions(settings: LlmSettings): LlmSettings {
  return { ...settings, maxTokens: REPLY_TOKENS, temperature: 0, timeoutMs: CALL_MS };
}

export function createWriteActivities(deps: WriteDeps) {
  return {
    /** Has the LLM write training questions. Replies are kept as they come, so a retry asks only for what is missing. */
    async writeQuestions({ corpus, ingest, count, seed, mode }: WriteInput) {
      const { llm } = deps;
      if (llm === null)
        throw new WinnowError(
          "BadInput",
          "This worker has no LLM to write questions with: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL for the cpu pool",
        );
      return runStep<{ written: number }>(deps, {
        name: "written",
        stage: "train",
        corpus,
        mode,
        inputs: { passages: ingest.sha256 },
        options: { count, seed, model: llm.model, prompt: PROMPT_VERSION },
        async work(outDir, pulse) {
          const ingestDir = await deps.store.resolve(ingest);
          await deps.compute("choosePassages", { ingestDir, count, seed, outDir }, pulse);
          const requests = await readJsonLines<WriteRequest>(join(outDir, "requests.jsonl"));
          const replies = await openReplies(join(deps.home, "written"), llm.model);
          const cached = await ask(requests, llm, replies, pulse);
          const { questions, rejected } = readReplies(requests, replies);
          const asked = requests.length;
          const written = await writeJsonLines(join(outDir, "written.jsonl"), questions);
          const stats: WrittenStats = { model: llm.model, asked, written, rejected };
          await writeFile(join(outDir, "written.json"), `${JSON.stringify(stats, null, 2)}\n`);
          const summary = `${written} questions for ${asked} passages by ${llm.model}, ${cached} replies from the cache`;
          return { summary, facts: { written } };
        },
      });
    },
  };
}

/** Gives how many replies were there before. An endpoint that has been silent too long fails the run. */
async function ask(requests: WriteRequest[], llm: Llm, replies: Replies, pulse: Pulse): Promise<number> {
  let heardAt = Context.current().info.scheduledTimestampMs;
  const onReply = (done: number) => {
    heardAt = Date.now();
    pulse.onProgress({ step: done, of: requests.length, note: `writing questions: ${done} of ${requests.length}` });
  };
  try {
    return await askForQuestions(requests, llm, replies, { signal: pulse.signal, onReply });
  } catch (error) {
    heardAt = Math.max(heardAt, replies.lastAt);
    if (!(error instanceof LlmUnavailable) || Date.now() - heardAt < PATIENCE_MS) throw error;
    const silent = Math.round((Date.now() - heardAt) / 60_000);
    throw ApplicationFailure.nonRetryable(
      `${error.message}; no reply for ${silent} min. What was written is kept: run again to go on.`,
      error.code,
    );
  }
}
