import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadClientConnectConfig } from "@temporalio/envconfig";
import type { NativeConnectionOptions } from "@temporalio/worker";
import { computeEnvironment, providerOf } from "../config/compute.ts";
import { type TemporalAccess, temporalAccess } from "../config/temporalAccess.ts";
import { traceSettings } from "../config/traces.ts";
import { vectorServerSettings } from "../config/vectorServer.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import type { Provider, VectorServer } from "../core/base/compute.ts";
import { WinnowError } from "../core/base/errors.ts";
import type { TraceSettings } from "../core/base/otlp.ts";
import { type PayloadKeys, payloadKeys } from "../core/base/payloadKeys.ts";
import type { LlmSettings } from "../core/llm/llm.ts";
import type { S3Settings } from "../core/storage/s3/bucketUrl.ts";
import { s3Settings } from "../core/storage/s3/bucketUrl.ts";
import { type Machine, readMachine } from "./machine.ts";
import { readSources } from "./sources.ts";

/** Everything a worker takes from its environment. Read once, here; the rest of the program takes options. */
export interface WorkerConfig {
  /** Folder of the clone: `samples/` and the workflows lie below it, and relative paths of inputs mean it. */
  root: string;
  /** Folder that holds all state. */
  home: string;
  /** Bucket that all machines share; null: artifacts stay in `home`. */
  artifacts: S3Settings | null;
  /** Vector database that indexes are built on and searched in; null: FAISS. */
  vectors: VectorServer | null;
  /** Folder of downloads: model weights. */
  cache: string;
  temporal: TemporalAccess<NativeConnectionOptions> & { address: string };
  /** Keys that payloads are encrypted with; null: Temporal stores them as they are. */
  payloadKeys: PayloadKeys | null;
  /** What Worker Versioning calls this build; null: workers without versions. */
  deployment: { name: string; buildId: string } | null;
  /** The operator's endpoint; null answers by quotation. */
  llm: LlmSettings | null;
  /** Threads of native libraries; default: what a container is limited to, else as many as they choose. */
  threads: number | undefined;
  /** What models are computed with. */
  provider: Provider;
  /** Where docs may come from, and what git inherits. */
  sources: ReturnType<typeof readSources>;
  /** How much one process takes on. */
  capacity: Capacity;
  /** Queues whose pool an autoscaler starts once something waits there. */
  onDemand: QueueName[];
  /** Where to answer `/healthz` and `/readyz`; null: nowhere. */
  health: Endpoint | null;
  /** Where to serve Prometheus metrics; null: nowhere. */
  metrics: Endpoint | null;
  /** Where traces go; null: nowhere. */
  traces: TraceSettings | null;
  logLevel: string;
  /** `name:action[,name:action]`: where this process is to fail, for tests. Inert unless set. */
  failpoint: string | null;
  /** What compute processes inherit: where programs and libraries lie, and nothing secret. */
  computeEnv: Record<string, string>;
}

export interface Endpoint {
  host: string;
  port: number;
}

/** Defaults come from the machine, or from the limits of the container. */
export interface Capacity {
  /** Heavy stages at once, each in a process that takes all cores. */
  stages: number;
  /** Activities of questions at once. */
  questions: number;
  /** Questions that may wait for their turn; one more is refused. */
  waiting: number;
  /** Releases whose models and index stay loaded. */
  engines: number;
  /** Cap of the JavaScript heap of one compute process, in MB. */
  heapMb: number;
  /** Workflows kept in memory between their tasks; the others are replayed. */
  cachedWorkflows: number;
}

const MB = 2 ** 20;
const ENGINE_BYTES = 2 * 1024 * MB;
/** What a cached workflow may take, and the share of the memory that all of them may: the rest is for compute processes. */
const WORKFLOW_BYTES = 2 * MB;
const WORKFLOW_SHARE = 1 / 8;

/**
 * Reads the environment: WINNOW_HOME, WINNOW_ARTIFACTS (with WINNOW_S3_ENDPOINT, WINNOW_ARTIFACTS_CACHE_GB and AWS's own
 * variables), WINNOW_VECTORS, WINNOW_VECTORS_API_KEY, WINNOW_CACHE, Temporal's own variables and profiles, WINNOW_PAYLOAD_KEYS, WINNOW_PAYLOAD_KEYS_FILE, WINNOW_DEPLOYMENT, WINNOW_BUILD_ID, WINNOW_LLM_BASE_URL,
 * WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY, WINNOW_THREADS, WINNOW_PROVIDER, WINNOW_STAGES_AT_ONCE,
 * WINNOW_QUESTIONS_AT_ONCE, WINNOW_QUESTIONS_WAITING, WINNOW_ENGINES, WINNOW_HEAP_MB, WINNOW_CACHED_WORKFLOWS, WINNOW_POOLS_ON_DEMAND, WINNOW_HEALTH_PORT, WINNOW_METRICS_PORT, WINNOW_LISTEN_HOST, WINNOW_DOCS_ROOTS, WINNOW_GIT_HOSTS, WINNOW_LOG_LEVEL, WINNOW_FAILPOINT, and OpenTelemetry's own for traces. A key
 * meant for another service (OPENAI_API_KEY) is not picked up: it could go to an address it was not made for. Throws BadInput.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, machine: Machine = readMachine()): WorkerConfig {
  const data = env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return {
    root: fileURLToPath(new URL("..", import.meta.url)),
    home: resolve(env.WINNOW_HOME || join(data, "winnow")),
    cache: resolve(env.WINNOW_CACHE || join(cache, "winnow")),
    artifacts: s3Settings(env),
    vectors: vectorServerSettings(env),
    temporal: readTemporal(env),
    payloadKeys: payloadKeys(env),
    deployment: readDeployment(env),
    llm: readLlm(env),
    threads: readCount(env, "WINNOW_THREADS") ?? machine.coreLimit,
    provider: providerOf(env),
    sources: readSources(env),
    capacity: readCapacity(env, machine),
    onDemand: readQueues(env, "WINNOW_POOLS_ON_DEMAND"),
    health: readEndpoint(env, "WINNOW_HEALTH_PORT"),
    metrics: readEndpoint(env, "WINNOW_METRICS_PORT"),
    traces: traceSettings(env),
    logLevel: env.WINNOW_LOG_LEVEL || "info",
    failpoint: env.WINNOW_FAILPOINT || null,
    computeEnv: computeEnvironment(env),
  };
}

function readTemporal(env: NodeJS.ProcessEnv): WorkerConfig["temporal"] {
  const access = temporalAccess(env, loadClientConnectConfig);
  return { ...access, address: access.address ?? "127.0.0.1:7233" };
}

function readLlm(env: NodeJS.ProcessEnv): LlmSettings | null {
  const { WINNOW_LLM_BASE_URL: baseUrl, WINNOW_LLM_MODEL: model, WINNOW_LLM_API_KEY: apiKey } = env;
  if (!baseUrl && !model) return null;
  if (baseUrl && model) return { baseUrl, model, apiKey: apiKey || undefined };
  const absent = baseUrl ? "WINNOW_LLM_MODEL" : "WINNOW_LLM_BASE_URL";
  throw new WinnowError("BadInput", `${absent} is not set: an LLM needs both WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL`);
}

function readDeployment(env: NodeJS.ProcessEnv): WorkerConfig["deployment"] {
  const { WINNOW_DEPLOYMENT: name, WINNOW_BUILD_ID: buildId } = env;
  if (!name && !buildId) return null;
  if (name && buildId) return { name, buildId };
  const absent = name ? "WINNOW_BUILD_ID" : "WINNOW_DEPLOYMENT";
  throw new WinnowError("BadInput", `${absent} is not set: versions need both WINNOW_DEPLOYMENT and WINNOW_BUILD_ID`);
}

/** A heavy stage takes the whole machine, so one runs at a time; half the memory is left to native libraries. */
function readCapacity(env: NodeJS.ProcessEnv, { cores, memoryBytes }: Machine): Capacity {
  const stages = readCount(env, "WINNOW_STAGES_AT_ONCE") ?? 1;
  return {
    stages,
    questions: readCount(env, "WINNOW_QUESTIONS_AT_ONCE") ?? Math.min(32, 4 * cores),
    waiting: readCount(env, "WINNOW_QUESTIONS_WAITING") ?? 32,
    engines: readCount(env, "WINNOW_ENGINES") ?? Math.max(1, Math.min(4, Math.floor(memoryBytes / ENGINE_BYTES))),
    heapMb: readCount(env, "WINNOW_HEAP_MB") ?? Math.max(256, Math.floor(memoryBytes / MB / 2 / stages)),
    cachedWorkflows:
      readCount(env, "WINNOW_CACHED_WORKFLOWS") ??
      Math.max(10, Math.min(1000, Math.floor((memoryBytes * WORKFLOW_SHARE) / WORKFLOW_BYTES))),
  };
}

function readQueues(env: NodeJS.ProcessEnv, name: string): QueueName[] {
  const named = (env[name] ?? "").split(",").map((part) => part.trim());
  return named.filter(Boolean).map((part) => {
    const queue = Object.values(QUEUES).find((known) => known === part);
    if (queue) return queue;
    const all = Object.values(QUEUES).join(", ");
    throw new WinnowError("BadInput", `${name} names ${JSON.stringify(part)}: give queues of ${all}, with commas`);
  });
}

/** Loopback unless WINNOW_LISTEN_HOST says otherwise. */
function readEndpoint(env: NodeJS.ProcessEnv, name: string): Endpoint | null {
  const port = readCount(env, name);
  if (port === undefined) return null;
  if (port > 65_535) throw new WinnowError("BadInput", `${name} is ${port}: give a port from 1 to 65535`);
  return { host: env.WINNOW_LISTEN_HOST || "127.0.0.1", port };
}

function readCount(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new WinnowError("BadInput", `${name} is ${JSON.stringify(text)}: give a whole number above 0`);
}
