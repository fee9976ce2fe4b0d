import { defaultPayloadConverter, type Headers } from "@temporalio/common";
import { proxySinks, type WorkflowInterceptorsFactory, workflowInfo } from "@temporalio/workflow";
import { TRACE_HEADER } from "../contracts/names.ts";
import type { TraceSinks } from "../contracts/tracing.ts";

/**
 * Propagates a trace from the starter of a workflow to its activities and children, and reports its end. The bundle
 * contains this only if traces are sent, so it must not change a history: ids derive from the run, and no extra promise
 * is awaited.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { runId, startTime } = workflowInfo();
  const digits = runId.replaceAll("-", "");
  let own = `00-${digits}-${digits.slice(16)}-01`;
  const withTrace = <I extends { headers: Headers }>(input: I): I => {
    const payload = defaultPayloadConverter.toPayload({ traceparent: own });
    return { ...input, headers: { ...input.headers, [TRACE_HEADER]: payload } };
  };
  return {
    inbound: [
      {
        execute(input, next) {
          const parent = parentIn(input.headers);
          if (parent) own = parent.replace(/-[0-9a-f]{16}-/, `-${digits.slice(16)}-`);
          const { traces } = proxySinks<TraceSinks>();
          const ended = (error: string | null) =>
            traces.workflowEnded({ own, parent, startMs: startTime.getTime(), endMs: Date.now(), error });
          const result = next(input);
          result.then(
            () => ended(null),
            (error) => ended(error instanceof Error ? error.message : String(error)),
          );
          return result;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
        startChildWorkflowExecution: (input, next) => next(withTrace(input)),
      },
    ],
  };
};

function parentIn(headers: Headers): string | null {
  const payload = headers[TRACE_HEADER];
  const carrier = payload && defaultPayloadConverter.fromPayload<{ traceparent?: unknown } | null>(payload);
  const text = carrier?.traceparent;
  return typeof text === "string" && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text) ? text : null;
}
