import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTraces } from "./otlp.ts";
import type { Span } from "./spans.ts";

interface Request {
  path: string;
  headers: IncomingHttpHeaders;
  body: { resourceSpans: { resource: object; scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
}

let collector: Server;
let requests: Request[];
/** Status codes the collector returns, one per request; then 200. */
let answers: number[];
let warnings: string[];

beforeEach(async () => {
  [requests, answers, warnings] = [[], [], []];
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    requests.push({ path: request.url!, headers: request.headers, body });
    const status = answers.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end("{}");
  });
  await new Promise<void>((settle) => collector.listen(0, "127.0.0.1", settle));
});
afterEach(() => collector.close());

const open = () => {
  const { port } = collector.address() as { port: number };
  const settings = { url: `http://127.0.0.1:${port}/v1/traces`, headers: { "x-key": "k" }, service: "docs" };
  return openTraces(settings, (reason) => warnings.push(reason));
};

const span = (spanId: string, more: Partial<Span> = {}): Span => ({
  name: "activity rerank",
  kind: "internal",
  context: { traceId: "a".repeat(32), spanId, sampled: true },
  parent: { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true },
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_100,
  attributes: { queue: "winnow", attempt: 2, share: 0.5, skipped: false },
  error: null,
  ...more,
});

const idsOf = ({ body }: Request) => body.resourceSpans[0]!.scopeSpans[0]!.spans.map(({ spanId }) => spanId);

test("a span arrives in the JSON encoding of OTLP", async () => {
  const traces = open();
  traces.record(span("c".repeat(16), { error: "out of memory" }));
  await traces.close();
  const [{ path, headers, body }] = requests as [Request];
  expect(path).toBe("/v1/traces");
  expect(headers).toMatchObject({ "content-type": "application/json", "x-key": "k" });
  const [{ resource, scopeSpans }] = body.resourceSpans as [Request["body"]["resourceSpans"][0]];
  expect(resource).toMatchObject({
    attributes: expect.arrayContaining([{ key: "service.name", value: { stringValue: "docs" } }]),
  });
  expect(scopeSpans[0]!.spans).toEqual([
    {
      traceId: "a".repeat(32),
      spanId: "c".repeat(16),
      parentSpanId: "b".repeat(16),
      name: "activity rerank",
      kind: 1,
      startTimeUnixNano: "1700000000000250000",
      endTimeUnixNano: "1700000000100000000",
      attributes: [
        { key: "queue", value: { stringValue: "winnow" } },
        { key: "attempt", value: { intValue: "2" } },
        { key: "share", value: { doubleValue: 0.5 } },
        { key: "skipped", value: { boolValue: false } },
      ],
      status: { code: 2, message: "out of memory" },
    },
  ]);
});

test("spans are sent in batches, and an unsampled span is not sent", async () => {
  const traces = open();
  for (let at = 0; at < 300; at++) traces.record(span(at.toString(16).padStart(16, "1")));
  traces.record(span("d".repeat(16), { context: { traceId: "a".repeat(32), spanId: "d".repeat(16), sampled: false } }));
  await traces.close();
  expect(requests.map((request) => idsOf(request).length)).toEqual([256, 44]);
});

test("spans that a busy collector rejected are sent again, with one warning", async () => {
  answers = [503];
  const traces = open();
  traces.record(span("1".repeat(16)));
  await expect.poll(() => requests.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  await traces.close();
  expect(requests.slice(0, 2).map(idsOf)).toEqual([["1".repeat(16)], ["1".repeat(16)]]);
  expect(warnings).toEqual([expect.stringMatching(/^traces do not reach http:\/\/127\.0\.0\.1:\d+: it answered 503$/)]);
});

test("rejected spans are dropped, and a redirect is not followed", async () => {
  answers = [400, 302];
  const refused = open();
  refused.record(span("1".repeat(16)));
  await refused.close();
  const redirected = open();
  redirected.record(span("2".repeat(16)));
  await redirected.close();
  expect(requests.map(({ path }) => path)).toEqual(["/v1/traces", "/v1/traces"]);
  expect(warnings).toEqual([expect.stringContaining("it answered 400"), expect.stringContaining("redirect")]);
});

test("an unreachable collector causes neither errors nor memory growth", async () => {
  const traces = open();
  await new Promise((settle) => collector.close(settle));
  for (let at = 0; at < 5000; at++) traces.record(span("1".repeat(16)));
  await traces.close();
  expect(warnings).toHaveLength(1);
});
