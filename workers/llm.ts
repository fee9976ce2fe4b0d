import type { Logger } from "pino";
import { withoutPassword } from "../config/kinds.ts";
import type { WorkerConfig } from "../config/workerConfig.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import { messageOf } from "../core/base/errors.ts";
import { type Llm, openLlm } from "../core/llm/llm.ts";
import { findLocalLlm } from "../core/llm/local/installed.ts";
import { type LocalLlm, startLocalLlm } from "../core/llm/local/localLlm.ts";
import { describeSpeed, tooSlow } from "../core/llm/local/speed.ts";
import { forQuestions } from "../core/stages/llmCalls.ts";
import { LOCAL, type WorkersLlm } from "../core/upkeep/presence.ts";

/** The LLM of a worker process: for answers, and for training questions. */
export interface OpenedLlm {
  answers: Llm | null;
  questions: Llm | null;
  /** What `winnow status` shows of it. */
  report: WorkersLlm;
  close(): void;
}

type Settings = Pick<WorkerConfig, "llm" | "localLlm" | "cache" | "threads" | "computeEnv">;

/**
 * Opens the configured endpoint, or starts the local model, which a process that only trains does not need. Without
 * either, or if the model is too slow, it quotes.
 */
export async function openWorkersLlm(
  queues: QueueName[],
  config: Settings,
  { log, stop }: { log: Logger; stop: AbortSignal },
): Promise<OpenedLlm> {
  const { llm, localLlm } = config;
  if (llm) {
    const report = { model: llm.model, baseUrl: withoutPassword(llm.baseUrl), note: null };
    return { answers: openLlm(llm), questions: openLlm(forQuestions(llm)), report, close: () => {} };
  }
  const trainsOnly = queues.every((queue) => queue === QUEUES.gpu);
  return localLlm && !trainsOnly ? openLocal(localLlm, config, { log, stop }) : quoting(null);
}

/** @param note why the local model is not used; null if none is wanted. */
function quoting(note: string | null): OpenedLlm {
  const baseUrl = note === null ? null : LOCAL;
  return { answers: null, questions: null, report: { model: null, baseUrl, note }, close: () => {} };
}

async function openLocal(
  { file, minSpeed }: NonNullable<WorkerConfig["localLlm"]>,
  { cache, threads, computeEnv }: Settings,
  { log, stop }: { log: Logger; stop: AbortSignal },
): Promise<OpenedLlm> {
  const installed = findLocalLlm(cache, file);
  if (installed === null) {
    log.warn("the local LLM is not installed");
    return quoting("the local LLM is not installed: `winnow up --llm local` installs it");
  }
  const onProblem = (reason: string) => log.warn(reason);
  let local: LocalLlm;
  try {
    local = await startLocalLlm(installed, { threads, env: computeEnv, signal: stop, onProblem });
  } catch (error) {
    log.error({ reason: messageOf(error) }, "the local LLM did not start");
    return quoting(messageOf(error));
  }
  const slow = tooSlow(local.speed, minSpeed);
  if (slow) {
    local.close();
    log.warn({ model: local.model }, slow);
    return quoting(`${local.model}: ${slow}`);
  }
  const note = [describeSpeed(local.speed), installed.note].filter(Boolean).join("; ");
  return {
    answers: local.open(),
    questions: local.open(forQuestions),
    report: { model: local.model, baseUrl: LOCAL, note },
    close: local.close,
  };
}
