import { randomBytes } from "node:crypto";

/** A place in a trace: 32 and 16 hexadecimal digits. */
export interface SpanContext {
  traceId: string;
  spanId: string;
  /** False: the caller decided that this trace is not kept. */
  sampled: boolean;
}

/** Something that took time. */
export interface Span {
  name: string;
  kind: "internal" | "client";
  context: SpanContext;
  parent: SpanContext | null;
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  attributes: Record<string, string | number | boolean>;
  /** Why it failed; null: it did not. */
  error: string | null;
}

/** A place below `parent`, or the start of a trace. */
export function newContext(parent: SpanContext | null): SpanContext {
  const traceId = parent?.traceId ?? randomBytes(16).toString("hex");
  return { traceId, spanId: randomBytes(8).toString("hex"), sampled: parent?.sampled ?? true };
}

/** The header of W3C Trace Context. */
export function toTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** Reads that header; null where it is none. */
export function parseTraceparent(text: unknown): SpanContext | null {
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(typeof text === "string" ? text : "") ??
    [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
