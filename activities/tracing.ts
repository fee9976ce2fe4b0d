import type { Info } from "@temporalio/activity";
import { defaultPayloadConverter, type Headers } from "@temporalio/common";
import type { ActivityInterceptorsFactory, InjectedSinks } from "@temporalio/worker";
import { TRACE_HEADER } from "../contracts/names.ts";
import type { TraceSinks } from "../contracts/tracing.ts";
import { messageOf } from "../core/base/errors.ts";
import type { Traces } from "../core/base/otlp.ts";
import { newContext, parseTraceparent, type Span, type SpanContext } from "../core/base/spans.ts";

/**
 * Opens a span for each activity attempt, below the workflow's span. Log lines of the activity carry its id. Attributes
 * hold names, never texts.
 */
export function traceActivities(traces: Traces): ActivityInterceptorsFactory {
  return ({ info }) => {
    let current: SpanContext | null = null;
    return {
      inbound: {
        async execute(input, next) {
          const parent = parentIn(input.headers);
          const context = newContext(parent);
          current = context;
          const startMs = Date.now();
          const record = (error: string | null) => {
            const span = { name: `activity ${info.activityType}`, kind: "internal" as const, context, parent };
            traces.record({ ...span, startMs, endMs: Date.now(), attributes: attributesOf(info, startMs), error });
          };
          try {
            const result = await next(input);
            record(null);
            return result;
          } catch (error) {
            record(messageOf(error));
            throw error;
          }
        },
      },
      outbound: {
        getLogAttributes: (input, next) =>
          next(current ? { ...input, trace_id: current.traceId, span_id: current.spanId } : input),
      },
    };
  };
}

function attributesOf(info: Info, startMs: number): Span["attributes"] {
  return {
    "temporal.workflow.id": info.workflowExecution?.workflowId ?? "",
    "temporal.run.id": info.workflowExecution?.runId ?? "",
    "temporal.activity.id": info.activityId,
    "temporal.task_queue": info.taskQueue,
    "temporal.attempt": info.attempt,
    "winnow.waited_ms": Math.max(0, startMs - info.currentAttemptScheduledTimestampMs),
  };
}

/** Receives the span of each ended workflow. Its ids derive from the run, so a replay produces the same span. */
export function traceSinks(traces: Traces): InjectedSinks<TraceSinks> {
  return {
    traces: {
      workflowEnded: {
        callDuringReplay: false,
        fn({ workflowId, runId, workflowType, taskQueue }, { own, parent, startMs, endMs, error }) {
          const context = parseTraceparent(own);
          if (!context) return;
          const attributes = {
            "temporal.workflow.id": workflowId,
            "temporal.run.id": runId,
            "temporal.task_queue": taskQueue,
          };
          const span = { name: `workflow ${workflowType}`, kind: "internal" as const, context, attributes };
          traces.record({ ...span, parent: parseTraceparent(parent), startMs, endMs, error });
        },
      },
    },
  };
}

function parentIn(headers: Headers): SpanContext | null {
  const payload = headers[TRACE_HEADER];
  if (!payload) return null;
  return parseTraceparent(defaultPayloadConverter.fromPayload<{ traceparent?: string }>(payload)?.traceparent);
}
