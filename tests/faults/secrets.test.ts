import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../ports.ts";
import { startCollector } from "./collector.ts";
import { Faults, kill } from "./harness.ts";

const WAIT = { timeout: 60_000, interval: 200 };
const CANARY = "canary-5d0c";
const SECRETS = {
  WINNOW_LLM_API_KEY: `${CANARY}-llm`,
  TEMPORAL_API_KEY: `${CANARY}-temporal`,
  AWS_SECRET_ACCESS_KEY: `${CANARY}-aws`,
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  WINNOW_VECTORS_API_KEY: `${CANARY}-vectors`,
  WINNOW_SEARCH_API_KEY: `${CANARY}-search`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${CANARY}-traces`,
};

let faults: Faults;
let collector: Awaited<ReturnType<typeof startCollector>>;
let llm: Server;
const sent: (string | undefined)[] = [];
let metrics: number;
let env: Record<string, string>;

beforeAll(async () => {
  [faults, collector, metrics] = [new Faults(), await startCollector(), await freePort()];
  // Refuses every key and repeats it, as some endpoints do.
  llm = createServer((request, reply) => {
    sent.push(request.headers.authorization);
    reply.writeHead(401, { "content-type": "application/json" });
    reply.end(JSON.stringify({ error: { message: `bad key ${request.headers.authorization}` } }));
  }).listen(0, "127.0.0.1");
  await once(llm, "listening");
  const { port } = llm.address() as AddressInfo;
  env = {
    ...SECRETS,
    TEMPORAL_TLS: "false",
    WINNOW_LOG_LEVEL: "trace",
    WINNOW_METRICS_PORT: `${metrics}`,
    WINNOW_LLM_BASE_URL: `http://127.0.0.1:${port}/v1`,
    WINNOW_LLM_MODEL: "scripted",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  await faults.startServer();
}, 300_000);
afterAll(async () => {
  await faults?.end();
  collector?.end();
  llm?.close();
});

/** Everything that the server stores of all workflows, payloads decoded. */
async function histories(): Promise<string> {
  const client = await faults.client();
  const texts: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const decoded = (key: string, value: unknown) =>
      key === "data" && typeof value === "string" ? Buffer.from(value, "base64").toString() : value;
    const { raw } = await handle.describe();
    texts.push(JSON.stringify([await handle.fetchHistory(), raw], decoded), inspect(raw, { depth: 20 }));
  }
  return texts.join("\n");
}

function filesBelow(folder: string): string {
  const names = readdirSync(folder, { recursive: true }) as string[];
  const files = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
  return files.map((path) => `${path}\n${readFileSync(path, "latin1")}`).join("\n");
}

test("no secret is in histories, errors, logs, files, metrics or traces when the LLM refuses and inputs are wrong", async () => {
  const worker = await faults.startWorker(env);
  await (await faults.startPipeline({}, 0.5)).result();
  const { failure } = await faults.ask("what does a Job do?");
  expect(failure).toMatchObject({ type: "LlmRefused" });
  expect(sent).toContain(`Bearer ${SECRETS.WINNOW_LLM_API_KEY}`);
  const bad = await faults.startPipeline({ docs: { path: join(faults.folder, "nowhere") } });
  const badInput = await bad.result().catch((error) => error);
  const scraped = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  await kill(worker, "SIGTERM");
  const kept = await histories();
  expect(kept).toContain("what does a Job do?");
  expect(scraped).toContain("winnow_stage_seconds");
  expect(collector.spans.length).toBeGreaterThan(3);
  const places = { kept, scraped, log: faults.log, files: filesBelow(faults.home) };
  for (const [place, text] of Object.entries(places)) expect(text.includes(CANARY), place).toBe(false);
  expect(inspect([failure, badInput, collector.spans], { depth: 20 })).not.toContain(CANARY);
}, 300_000);

test("nor if the bucket is unreachable, which log and questions report", async () => {
  const bucket = { WINNOW_ARTIFACTS: "s3://winnow/a", WINNOW_S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
  const before = faults.log.length;
  const worker = await faults.startWorker({ ...env, ...bucket });
  await expect.poll(() => faults.log.slice(before), WAIT).toMatch(/cannot sweep the leftovers of dead writers/);
  const { failure, handle } = await faults.ask("what does a Job do?");
  expect(failure).toMatchObject({
    type: "StoreUnavailable",
    message: expect.stringContaining("the store failed"),
  });
  await kill(worker, "SIGTERM");
  expect(inspect([failure, await handle.fetchHistory()], { depth: 20 })).not.toContain(CANARY);
  expect(faults.log.includes(CANARY)).toBe(false);
}, 300_000);

test("nor if a key or profile is malformed, which ends the worker at start", async () => {
  const wrong = { WINNOW_PAYLOAD_KEYS: `first:${CANARY}`, TEMPORAL_TLS_SERVER_CA_CERT_DATA: CANARY };
  for (const [name, value] of Object.entries(wrong)) {
    const before = faults.log.length;
    const worker = await faults.startWorker({ [name]: value }, { ready: false });
    expect(await new Promise((settle) => worker.once("exit", settle))).toBe(1);
    await expect.poll(() => faults.log.slice(before), WAIT).toMatch(/WINNOW_PAYLOAD_KEYS|TEMPORAL_TLS_SERVER_CA_CERT/);
    expect(faults.log.includes(CANARY)).toBe(false);
  }
}, 300_000);
