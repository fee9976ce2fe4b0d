import type { WorkflowClientInterceptor } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import { TRACE_HEADER } from "../contracts/names.ts";
import type { TraceSettings } from "../core/base/otlp.ts";
import { openTraces } from "../core/base/otlp.ts";
import { newContext, type SpanContext, toTraceparent } from "../core/base/spans.ts";

/** The span of the command that runs: a process runs one. */
let current: SpanContext | null = null;

/** Runs a command as the root span of a trace, and sends it before the process ends. */
export async function traced<T>(
  settings: TraceSettings | null,
  name: string,
  log: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  if (settings === null) return work();
  const traces = openTraces(settings, (reason) => log(`winnow: ${reason}`));
  const context = newContext(null);
  const startMs = Date.now();
  current = context;
  let error: string | null = null;
  try {
    return await work();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    throw thrown;
  } finally {
    current = null;
    const attributes = { "process.pid": process.pid };
    traces.record({ name, kind: "client", context, parent: null, startMs, endMs: Date.now(), attributes, error });
    await traces.close();
  }
}

/** Gives each workflow that this process starts the trace of the command. */
export const traceStarts: WorkflowClientInterceptor = {
  startWithDetails(input, next) {
    if (current === null) return next(input);
    const payload = defaultPayloadConverter.toPayload({ traceparent: toTraceparent(current) });
    return next({ ...input, headers: { ...input.headers, [TRACE_HEADER]: payload } });
  },
};
