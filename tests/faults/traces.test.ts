import { Client, type WorkflowClientInterceptor } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { freePort } from "../ports.ts";
import { type ReceivedSpan, startCollector } from "./collector.ts";
import { winnow } from "./command.ts";
import { Faults } from "./harness.ts";

const WAIT = { timeout: 60_000, interval: 200 };
const QUESTION = "how do I run a secret job?";

let faults: Faults;
let collector: Awaited<ReturnType<typeof startCollector>>;

beforeAll(async () => {
  [faults, collector] = [new Faults(), await startCollector()];
  await faults.startServer();
  await faults.startWorker({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  await (await faults.startPipeline({}, 0.5)).result();
}, 300_000);
afterAll(async () => {
  await faults?.end();
  collector?.end();
});

const ask = (env: Record<string, string>) => winnow<AskResult>(faults, ["ask", QUESTION], env);
const traceWith = (name: string) => {
  const { traceId } = collector.spans.find((span) => span.name === name) ?? {};
  return collector.spans.filter((span) => span.traceId === traceId);
};
const below = (spans: ReceivedSpan[], parent?: ReceivedSpan) =>
  spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId).map(({ name }) => name);

test("a question on the command line is one trace, from the command through the workflow to each activity", async () => {
  const answer = await ask({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  expect(answer.kind).toBe("extractive");
  await expect.poll(() => traceWith("winnow ask").map(({ name }) => name), WAIT).toContain("workflow ask");
  const spans = traceWith("winnow ask");
  expect(below(spans)).toEqual(["winnow ask"]);
  const [command, workflow] = ["winnow ask", "workflow ask"].map((name) => spans.find((span) => span.name === name)!);
  expect(below(spans, command)).toEqual(["workflow ask"]);
  const steps = ["parseQuestion", "respond"].map((name) => `activity ${name}`);
  expect(below(spans, workflow).sort()).toEqual(steps.sort());
  expect(spans).toHaveLength(4);
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(command!.startTimeUnixNano));
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  }
  expect(JSON.stringify(spans)).not.toContain("secret");
});

test("a run started without a trace has its own, with its stages and its lock", async () => {
  await expect
    .poll(() => traceWith("workflow pipeline").map(({ name }) => name), WAIT)
    .toContain("workflow corpusLock");
  const spans = traceWith("workflow pipeline");
  const run = spans.find(({ name }) => name === "workflow pipeline");
  expect(run?.parentSpanId).toBeUndefined();
  expect(below(spans, run)).toEqual(
    expect.arrayContaining(["activity train", "activity promote", "workflow corpusLock"]),
  );
});

test("a service with Temporal's own interceptors shares its trace; a failure is recorded", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const headers = { "_tracer-data": defaultPayloadConverter.toPayload({ traceparent }) };
  const joined: WorkflowClientInterceptor = { startWithDetails: (input, next) => next({ ...input, headers }) };
  const { connection } = await faults.client();
  const client = new Client({ connection, interceptors: { workflow: [joined] } });
  const asked = { workflowId: "asked-by-a-service", taskQueue: QUEUES.main, args: [{ question: "" }] };
  await expect(client.workflow.execute(WORKFLOWS.ask, asked)).rejects.toThrow();
  const shared = () => collector.spans.filter(({ traceId }) => traceId === "4bf92f3577b34da6a3ce929d0e0e4736");
  await expect
    .poll(
      () =>
        shared()
          .map(({ name }) => name)
          .sort(),
      WAIT,
    )
    .toEqual(["activity parseQuestion", "workflow ask"]);
  const workflow = shared().find(({ name }) => name === "workflow ask");
  expect(workflow).toMatchObject({ parentSpanId: "00f067aa0ba902b7", status: { code: 2 } });
  expect(workflow?.attributes).toContainEqual({
    key: "temporal.workflow.id",
    value: { stringValue: "asked-by-a-service" },
  });
});

test("a log line has the ids of its workflow, run, activity, trace and span", async () => {
  const lines = faults.log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const [run] = collector.spans.filter(({ name }) => name === "workflow pipeline");
  const done = lines.filter(({ msg }) => msg === "stage done");
  // The models are stored before the docs are read; embedder and base are one folder here, so the second finds the first.
  const stored = done.filter(({ activityType }) => activityType === "storeModel");
  expect(stored.map(({ skipped }) => skipped)).toEqual([false, true]);
  const stages = done.filter((line) => !stored.includes(line));
  // The calibration of a first release belongs to its deployment.
  const first = ["ingest", "embed", "build-index", "deploy"];
  const ran = [...first, "train", "train", "train", "evaluate", "deploy"];
  expect(stages.map(({ stage }) => stage)).toEqual(ran);
  for (const line of stages)
    expect(line).toMatchObject({
      level: 30,
      workflowType: "pipeline",
      workflowId: expect.stringMatching(/^pipeline-/),
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      activityType: expect.any(String),
      taskQueue: expect.stringMatching(/^winnow/),
      attempt: 1,
      seconds: expect.any(Number),
      skipped: false,
      trace_id: run!.traceId,
      span_id: collector.spans.find(({ name }) => name === `activity ${line.activityType}`)?.spanId,
    });
  const failed = lines.find(({ workflowId, msg }) => workflowId === "asked-by-a-service" && msg === "Activity failed");
  expect(failed).toMatchObject({
    level: 40,
    activityType: "parseQuestion",
    runId: expect.any(String),
    error: expect.stringContaining("question"),
  });
  expect(faults.log).not.toMatch(/taskToken|secret/);
});

test("a command without an endpoint sends nothing, and an unreachable endpoint delays no command", async () => {
  const before = collector.spans.filter(({ name }) => name === "winnow ask").length;
  expect((await ask({})).kind).toBe("extractive");
  const away = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
  expect((await ask(away)).kind).toBe("extractive");
  expect(collector.spans.filter(({ name }) => name === "winnow ask")).toHaveLength(before);
});
