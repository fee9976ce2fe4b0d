import { messageOf } from "./errors.ts";
import type { Span } from "./spans.ts";

/** Destination of the spans, in OpenTelemetry's terms. */
export interface TraceSettings {
  /** An endpoint for OTLP over HTTP, as JSON. */
  url: string;
  headers: Record<string, string>;
  service: string;
}

/** Spans per request. */
const BATCH = 256;
/** Spans kept while the collector is unreachable; newer ones are dropped. */
const KEPT = 2048;
const EVERY_MS = 1000;
const TIMEOUT_MS = 3000;
const KINDS = { internal: 1, client: 3 };
const FAILED = 2;

/** Records spans and sends them in the background. */
export interface Traces {
  record(span: Span): void;
  /** Tries once to send the waiting spans, then stops: an unreachable collector does not delay the exit for long. */
  close(): Promise<void>;
}

/**
 * Sends spans to a collector by OTLP over HTTP (JSON encoding of opentelemetry-proto 1). Spans are sent again after a
 * failure that may pass, and dropped after a refusal. `warn` is called once per period of trouble. Redirects are not
 * followed.
 */
export function openTraces(settings: TraceSettings, warn: (reason: string) => void): Traces {
  let waiting: Span[] = [];
  let told = false;
  let sending: Promise<void> | null = null;
  const trouble = (reason: string) => {
    if (!told) warn(`traces do not reach ${new URL(settings.url).origin}: ${reason}`);
    told = true;
  };
  const send = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      const outcome = await post(settings, batch);
      if (outcome.reason === null) told = false;
      else trouble(outcome.reason);
      if (outcome.again) return;
      waiting = waiting.slice(batch.length);
    }
  };
  const soon = () => {
    sending ??= send().finally(() => {
      sending = null;
    });
    return sending;
  };
  const timer = setInterval(soon, EVERY_MS).unref();
  return {
    record(span) {
      if (!span.context.sampled) return;
      if (waiting.length < KEPT) waiting.push(span);
      else trouble(`${KEPT} spans are waiting; later ones are dropped`);
    },
    async close() {
      clearInterval(timer);
      await sending;
      await soon();
    },
  };
}

/** `again`: a retry may succeed. */
async function post(settings: TraceSettings, spans: Span[]): Promise<{ reason: string | null; again: boolean }> {
  try {
    const response = await fetch(settings.url, {
      method: "POST",
      headers: { ...settings.headers, "content-type": "application/json" },
      body: JSON.stringify(encode(settings.service, spans)),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.ok) return { reason: null, again: false };
    return { reason: `it answered ${response.status}`, again: [429, 502, 503, 504].includes(response.status) };
  } catch (error) {
    const { cause } = error as Error;
    return { reason: messageOf(cause ?? error).split("\n")[0]!, again: true };
  }
}

/** An ExportTraceServiceRequest. */
function encode(service: string, spans: Span[]): object {
  const resource = { attributes: attributesOf({ "service.name": service, "process.pid": process.pid }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "winnow" }, spans: spans.map(encodeSpan) }] }] };
}

function encodeSpan({ name, kind, context, parent, startMs, endMs, attributes, error }: Span): object {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parent ? { parentSpanId: parent.spanId } : {}),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    status: error === null ? {} : { code: FAILED, message: error },
  };
}

function attributesOf(attributes: Span["attributes"]): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

function encodeValue(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
}

/** Computes in BigInt, as a double would lose the digits below a millisecond: 1.8e18 has 61 bits. */
function nanos(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`;
}
