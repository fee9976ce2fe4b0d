import { AsyncLocalStorage } from "node:async_hooks";
import type { WorkflowClientInterceptor } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import { TRACE_HEADER } from "../contracts/names.ts";
import { messageOf } from "../core/base/errors.ts";
import type { TraceSettings } from "../core/base/otlp.ts";
import { openTraces } from "../core/base/otlp.ts";
import { newContext, type SpanContext, toTraceparent } from "../core/base/spans.ts";

/** Span of the current call. */
const current = new AsyncLocalStorage<SpanContext>();

/**
 * Runs `work` as the root span of a trace and sends the trace before it returns. Workflows that `work` starts join the
 * trace. `onProblem` receives the reason when traces cannot be sent.
 */
export async function traced<T>(
  settings: TraceSettings | null,
  name: string,
  onProblem: (reason: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  if (settings === null) return work();
  const traces = openTraces(settings, onProblem);
  const context = newContext(null);
  const startMs = Date.now();
  let error: string | null = null;
  try {
    return await current.run(context, work);
  } catch (thrown) {
    error = messageOf(thrown);
    throw thrown;
  } finally {
    const attributes = { "process.pid": process.pid };
    traces.record({ name, kind: "client", context, parent: null, startMs, endMs: Date.now(), attributes, error });
    await traces.close();
  }
}

/** Propagates the caller's trace to each workflow started inside `traced`. */
export const traceStarts: WorkflowClientInterceptor = {
  startWithDetails(input, next) {
    const context = current.getStore();
    if (!context) return next(input);
    const payload = defaultPayloadConverter.toPayload({ traceparent: toTraceparent(context) });
    return next({ ...input, headers: { ...input.headers, [TRACE_HEADER]: payload } });
  },
};
