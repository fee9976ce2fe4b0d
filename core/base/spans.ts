import { randomBytes } from "node:crypto";

/** Identifies a span in a trace: 32 and 16 hexadecimal digits. */
export interface SpanContext {
  traceId: string;
  spanId: string;
  /** False if the caller decided that this trace is not kept. */
  sampled: boolean;
}

/** A timed operation. */
export interface Span {
  name: string;
  kind: "internal" | "client";
  context: SpanContext;
  parent: SpanContext | null;
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  attributes: Record<string, string | number | boolean>;
  /** Why the operation failed; null if it succeeded. */
  error: string | null;
}

/** A context below `parent`, or the start of a new trace. */
export function newContext(parent: SpanContext | null): SpanContext {
  const traceId = parent?.traceId ?? randomBytes(16).toString("hex");
  return { traceId, spanId: randomBytes(8).toString("hex"), sampled: parent?.sampled ?? true };
}

/** Formats the `traceparent` header of W3C Trace Context. */
export function toTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** Parses a `traceparent` header; null if it is invalid. */
export function parseTraceparent(text: unknown): SpanContext | null {
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(typeof text === "string" ? text : "") ??
    [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
