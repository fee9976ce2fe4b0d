import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Client, WorkflowHandle } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveCodec } from "../../client/codecServer.ts";
import { followAsk } from "../../client/followAsk.ts";
import { connectClient } from "../../client/temporal.ts";
import { readingOf } from "../../config/reading.ts";
import { readPayloadKeys } from "../../config/settings/payloadKeys.ts";
import type { AskResult } from "../../contracts/ask.ts";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { ScriptedLlm, says, streams } from "../../core/llm/testing/scriptedLlm.ts";
import { openAnswerRecords, questionDigest } from "../../core/records/answers.ts";
import { folderRecords } from "../../core/storage/records.ts";
import { temporalBinary } from "../server.ts";
import { Faults } from "./harness.ts";

const FIRST = `first:${randomBytes(32).toString("base64")}`;
const SECOND = `second:${randomBytes(32).toString("base64")}`;
const keysOf = (text: string) => readPayloadKeys(readingOf({ WINNOW_PAYLOAD_KEYS: text }));

describe("with WINNOW_PAYLOAD_KEYS", () => {
  const faults = new Faults();
  const address = () => `127.0.0.1:${faults.port}`;
  const llm = new ScriptedLlm();
  let client: Client;
  let run: WorkflowHandle;

  beforeAll(async () => {
    await faults.startServer();
    const llmSettings = { WINNOW_LLM_BASE_URL: await llm.listen(), WINNOW_LLM_MODEL: "scripted" };
    await faults.startWorker({ ...llmSettings, WINNOW_PAYLOAD_KEYS: FIRST });
    client = await connectClient(address(), { namespace: "default", payloadKeys: keysOf(FIRST) });
  }, 120_000);
  afterAll(async () => {
    await client.connection.close();
    await faults.end();
    llm.end();
  });

  /** Everything that the server stores of a workflow, as bytes. */
  async function stored({ workflowId }: WorkflowHandle): Promise<string> {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: "default",
      execution: { workflowId },
    });
    const described = await client.workflowService.describeWorkflowExecution({
      namespace: "default",
      execution: { workflowId },
    });
    const texts: string[] = [];
    const walk = (value: unknown): void => {
      if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString("latin1"));
      else if (typeof value === "string") texts.push(value);
      else if (Array.isArray(value)) value.forEach(walk);
      else if (value && typeof value === "object") Object.values(value).forEach(walk);
    };
    walk([history, described]);
    return texts.join("\n");
  }

  async function start(type: string, workflowId: string, input: object): Promise<WorkflowHandle> {
    return client.workflow.start(type, { workflowId, taskQueue: QUEUES.main, args: [input] });
  }

  it("a run leaves no path, no question set and no message in its history", async () => {
    const docs = { path: faults.docs, name: "faults" };
    run = await start(WORKFLOWS.pipeline, "pipeline-hidden", { docs, training: { budgetMinutes: 0.02 } });
    const result = (await run.result()) as PipelineResult;
    expect(result.promoted).toBe(true);
    const kept = await stored(run);
    expect(kept).toContain("binary/encrypted");
    for (const secret of [faults.docs, result.reason, "budgetMinutes"]) expect(kept).not.toContain(secret);
  }, 120_000);

  it("a question leaves neither its text nor its answer", async () => {
    llm.play(says("A Job creates one or more pods [1]."));
    const handle = await start(WORKFLOWS.ask, "ask-hidden", { question: "where do okapis sleep?" });
    const result = (await handle.result()) as AskResult;
    const kept = await stored(handle);
    for (const secret of ["okapis", result.answer]) expect(kept).not.toContain(secret);
  }, 60_000);

  it("its record shows only day and id, and holds neither question nor text unless the operator allows it", async () => {
    const [day = ""] = readdirSync(join(faults.home, "answers"));
    const file = readFileSync(join(faults.home, "answers", day, "ask-hidden.json"), "utf8");
    for (const secret of ["okapis", "pods", "faults"]) expect(file).not.toContain(secret);
    const records = openAnswerRecords(folderRecords(faults.home), keysOf(FIRST));
    const record = (await records.read("ask-hidden"))!;
    expect(record).toMatchObject({
      kind: "llm",
      question: null,
      withheld: true,
      questionDigest: questionDigest("Where do  okapis sleep?"),
    });
    expect(record.receipt.candidates.length).toBeGreaterThan(0);
    expect(JSON.stringify(record)).not.toContain("okapis");
  });

  it("the text that an LLM writes is hidden in its heartbeats, and a client with the keys can follow it", async () => {
    const pieces = ["A Job creates pods ", "and retries them until a given number ", "of them has ended well [1]."];
    llm.play(streams(pieces, { pauseMs: 400 }));
    const text: string[] = [];
    let id = "";
    let kept = "";
    for await (const { event, data } of followAsk(client, "what does a Job do?")) {
      if (event === "accepted") id = data.id;
      if (event !== "token") continue;
      text.push(data.text);
      kept += await stored(client.workflow.getHandle(id));
    }
    expect(text.join("")).toBe(pieces.join(""));
    expect(kept).toContain("binary/encrypted");
    expect(kept).not.toContain("retries them");
  }, 60_000);

  it("a failure hides its message, and a client with the keys can read it", async () => {
    const handle = await start(WORKFLOWS.pipeline, "pipeline-failed", {
      docs: { path: join(faults.folder, "okapi-docs") },
    });
    let failure = (await handle.result().catch((error) => error)) as Error;
    while (failure.cause instanceof Error) failure = failure.cause;
    expect(failure.message).toContain("okapi-docs");
    expect(await stored(handle)).not.toContain("okapi-docs");
  }, 60_000);

  it("payloads of the first key can be read after a rotation; without that key, the error names it", async () => {
    const rotated = await connectClient(address(), { namespace: "default", payloadKeys: keysOf(`${SECOND},${FIRST}`) });
    const result = (await rotated.workflow.getHandle(run.workflowId).result()) as PipelineResult;
    expect(result.promoted).toBe(true);
    await rotated.connection.close();
    const without = await connectClient(address(), { namespace: "default", payloadKeys: keysOf(SECOND) });
    await expect(without.workflow.getHandle(run.workflowId).result()).rejects.toThrow(
      /encrypted with key first, but WINNOW_PAYLOAD_KEYS has second/,
    );
    await without.connection.close();
  }, 60_000);

  it("`temporal workflow show` reads them through the codec endpoint, which refuses foreign pages", async () => {
    const server = await serveCodec(keysOf(FIRST)!, { host: "127.0.0.1", port: 0, origins: ["http://ui.test"] });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const show = async (...options: string[]) => {
      const args = ["workflow", "show", "-w", "ask-hidden", "--address", address(), "--output", "json", ...options];
      const { stdout } = await promisify(execFile)(temporalBinary(), args);
      return [...stdout.matchAll(/"data": "([^"]*)"/g)]
        .map(([, data]) => Buffer.from(data!, "base64").toString("latin1"))
        .join();
    };
    expect(await show("--codec-endpoint", url)).toContain("okapis");
    expect(await show()).not.toContain("okapis");
    const ask = (origin: string) =>
      fetch(`${url}/decode`, { method: "POST", headers: { origin }, body: '{"payloads":[]}' });
    const allowed = await ask("http://ui.test");
    expect(allowed.headers.get("access-control-allow-origin")).toBe("http://ui.test");
    expect((await ask("http://elsewhere.test")).status).toBe(403);
    server.close();
  }, 60_000);
});
