import type { MetricMeter } from "@temporalio/common";
import { expect, test } from "vitest";
import { QUEUES } from "../contracts/names.ts";
import { type ErrorCode, WinnowError } from "../core/base/errors.ts";
import { activityMetrics, type Finished, failedQuestions } from "./metrics.ts";

/** Metrics that `use` records, as `name {labels} value`. */
function recordedBy(use: (meter: MetricMeter) => void): string[] {
  const lines: string[] = [];
  const instrument = (name: string) => {
    const note = (value: number, tags: object) => lines.push(`${name} ${JSON.stringify(tags)} ${value}`);
    return { record: note, add: note };
  };
  use({ createHistogram: instrument, createCounter: instrument } as unknown as MetricMeter);
  return lines;
}

const recorded = (finished: Finished) => recordedBy((meter) => activityMetrics(meter)(finished));

test("a stage records its seconds and whether it was skipped", () => {
  const queue = QUEUES.cpu;
  expect(recorded({ activity: "buildIndex", queue, seconds: 9, result: { skipped: false } })).toEqual([
    'winnow_stage_seconds {"stage":"build-index","activity":"buildIndex","skipped":"false"} 9',
  ]);
  expect(recorded({ activity: "ingest", queue, seconds: 0.1, result: { skipped: true } })).toEqual([
    'winnow_stage_seconds {"stage":"ingest","activity":"ingest","skipped":"true"} 0.1',
  ]);
});

test("the preparation of training is recorded apart from training", () => {
  const [line] = recorded({ activity: "prepareTraining", queue: QUEUES.cpu, seconds: 1, result: {} });
  expect(line).toContain('{"stage":"train","activity":"prepareTraining"');
});

test("shards and LLM-written questions count towards their stage", () => {
  const stageOf = (activity: string) => {
    const [line] = recorded({ activity, queue: QUEUES.cpu, seconds: 1, result: { skipped: false } });
    return /"stage":"([a-z-]+)"/.exec(line!)![1];
  };
  expect(["writeQuestions", "mineShard", "scoreShard"].map(stageOf)).toEqual(["train", "train", "evaluate"]);
});

test("a step of a question records its seconds", () => {
  expect(recorded({ activity: "rerank", queue: QUEUES.query, seconds: 0.4, result: { abstain: false } })).toEqual([
    'winnow_question_step_seconds {"step":"rerank"} 0.4',
  ]);
});

test("a visit with several steps records the seconds of each, and its answer", () => {
  const answer = { kind: "extractive", receipt: { refusedBy: null } };
  const result = { seconds: { retrieve: 0.1, quote: 0.2 }, answer };
  expect(recorded({ activity: "respond", queue: QUEUES.query, seconds: 0.5, result })).toEqual([
    'winnow_question_step_seconds {"step":"retrieve"} 0.1',
    'winnow_question_step_seconds {"step":"quote"} 0.2',
    'winnow_questions_total {"kind":"extractive","refused_by":"none"} 1',
  ]);
});

test("a question counts once, by the kind of its answer and the refusing stage", () => {
  const answered = (kind: string, refusedBy: string | null) =>
    recorded({ activity: "x", queue: QUEUES.query, seconds: 1, result: { kind, receipt: { refusedBy } } })[1];
  expect(answered("extractive", null)).toBe('winnow_questions_total {"kind":"extractive","refused_by":"none"} 1');
  expect(answered("abstained", "threshold")).toContain('"refused_by":"threshold"');
  expect(answered("abstained", "llm")).toContain('"refused_by":"llm"');
});

test("light activities and activities without a result record nothing", () => {
  expect(recorded({ activity: "parseQuestion", queue: QUEUES.main, seconds: 1, result: {} })).toEqual([]);
  expect(recorded({ activity: "promote", queue: QUEUES.main, seconds: 1, result: undefined })).toEqual([]);
});

test("a question that fails for good counts by its error; a retried one and other work do not", () => {
  const failed = (activity: string, queue: string, code: ErrorCode) =>
    recordedBy((meter) => failedQuestions(meter)(activity, queue, new WinnowError(code, "why")));
  expect(failed("parseQuestion", QUEUES.main, "BadInput")).toEqual([
    'winnow_questions_failed_total {"error":"BadInput"} 1',
  ]);
  expect(failed("respond", QUEUES.query, "Busy")).toEqual(['winnow_questions_failed_total {"error":"Busy"} 1']);
  expect(failed("parseQuestion", QUEUES.main, "StoreUnavailable")).toEqual([
    'winnow_questions_failed_total {"error":"StoreUnavailable"} 1',
  ]);
  expect(failed("answer", QUEUES.query, "LlmUnavailable")).toEqual([]);
  expect(failed("parseRun", QUEUES.main, "BadInput")).toEqual([]);
});
