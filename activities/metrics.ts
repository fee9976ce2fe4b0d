import type { MetricMeter } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import type { AskResult } from "../contracts/ask.ts";
import { QUEUES, STORE_UNAVAILABLE, type StageName } from "../contracts/names.ts";
import { WinnowError } from "../core/base/errors.ts";
import { pipelineStageOf } from "../core/stages/index.ts";
import type { StepOutcome } from "../core/stages/stage.ts";
import type { Response } from "./ask.ts";
import { isRetryable } from "./failures.ts";

const QUESTION_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 15, 60];
const STAGE_SECONDS = [0.1, 0.5, 2, 5, 15, 60, 180, 600, 1800, 3600, 10_800, 43_200];

/** Bucket bounds of the histograms, in seconds. */
export const BUCKETS = {
  winnow_question_step_seconds: QUESTION_SECONDS,
  winnow_stage_seconds: STAGE_SECONDS,
};

/** Pipeline stage of an activity, or null. */
function stageOf(activity: string): StageName | null {
  return activity === "decideRelease" ? "deploy" : pipelineStageOf(activity);
}

/** A finished activity with the facts for its metrics. */
export interface Finished {
  activity: string;
  queue: string;
  seconds: number;
  result: unknown;
}

/** Records finished activities: duration of stages and question steps, and answers by kind and refusing stage. */
export function activityMetrics(meter: MetricMeter): (finished: Finished) => void {
  const stages = meter.createHistogram("winnow_stage_seconds", "float", "s", "One activity of a stage");
  const steps = meter.createHistogram("winnow_question_step_seconds", "float", "s", "One step of answering a question");
  const questions = meter.createCounter("winnow_questions_total", "1", "Questions answered or refused");
  return ({ activity, queue, seconds, result }) => {
    const stage = stageOf(activity);
    if (stage) stages.record(seconds, { stage, activity, skipped: `${isSkipped(result)}` });
    if (queue !== QUEUES.query) return;
    const visit = isResponse(result) ? result : { seconds: { [activity]: seconds }, answer: result };
    for (const [step, spent] of Object.entries(visit.seconds)) steps.record(spent, { step });
    const { answer } = visit;
    if (isAnswer(answer)) questions.add(1, { kind: answer.kind, refused_by: answer.receipt.refusedBy ?? "none" });
  };
}

/** Counts questions that failed for good, by error code. */
export function failedQuestions(meter: MetricMeter): (activity: string, queue: string, error: unknown) => void {
  const failed = meter.createCounter("winnow_questions_failed_total", "1", "Questions that failed, by error");
  return (activity, queue, error) => {
    const asks = queue === QUEUES.query || activity === "parseQuestion";
    if (!asks || !(error instanceof WinnowError)) return;
    const { code } = error;
    if (!isRetryable(code) || code === STORE_UNAVAILABLE) failed.add(1, { error: code });
  };
}

/** Installed in every worker: records metrics and logs each stage. Without a metrics port the meter is a no-op. */
export function metricInterceptors(meter: MetricMeter): ActivityInterceptorsFactory {
  const record = activityMetrics(meter);
  const recordFailed = failedQuestions(meter);
  return ({ info, log }) => ({
    inbound: {
      async execute(input, next) {
        const began = performance.now();
        const result = await next(input).catch((error: unknown) => {
          recordFailed(info.activityType, info.taskQueue, error);
          throw error;
        });
        const seconds = (performance.now() - began) / 1000;
        record({ activity: info.activityType, queue: info.taskQueue, seconds, result });
        const stage = stageOf(info.activityType);
        if (stage) log.info("stage done", { stage, seconds: Number(seconds.toFixed(3)), skipped: isSkipped(result) });
        return result;
      },
    },
  });
}

function isSkipped(result: unknown): boolean {
  return (result as Partial<StepOutcome<unknown>>).skipped ?? false;
}

function isResponse(result: unknown): result is Response {
  const { seconds, answer } = (result ?? {}) as Partial<Response>;
  return seconds !== undefined && answer !== undefined;
}

function isAnswer(result: unknown): result is AskResult {
  const { kind, receipt } = (result ?? {}) as Partial<AskResult>;
  return kind !== undefined && receipt !== undefined;
}
