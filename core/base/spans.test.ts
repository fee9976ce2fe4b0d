import { expect, test } from "vitest";
import { newContext, parseTraceparent, toTraceparent } from "./spans.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("a traceparent in the form of the W3C recommendation is parsed", () => {
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.sampled).toBe(false);
  expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-later`)?.sampled).toBe(true);
});

test("anything else is not a traceparent", () => {
  for (const text of ["", "00", `00-${TRACE}-${SPAN}`, `00-${TRACE.toUpperCase()}-${SPAN}-01`, 7, null, undefined])
    expect(parseTraceparent(text)).toBeNull();
  expect(parseTraceparent(`00-${"0".repeat(32)}-${SPAN}-01`)).toBeNull();
  expect(parseTraceparent(`00-${TRACE}-${"0".repeat(16)}-01`)).toBeNull();
});

test("a new context is in its parent's trace, and keeps the sampling decision", () => {
  const parent = { traceId: TRACE, spanId: SPAN, sampled: false };
  const child = newContext(parent);
  expect(child).toMatchObject({ traceId: TRACE, sampled: false });
  expect(child.spanId).toMatch(/^(?!00f067aa0ba902b7)[0-9a-f]{16}$/);
  expect(parseTraceparent(toTraceparent(child))).toEqual(child);
  expect(newContext(null).traceId).not.toBe(newContext(null).traceId);
});
