import type { QueueName } from "../contracts/names.ts";
import type { LlmSettings } from "../core/llm/llm.ts";
import { type Machine, readMachine } from "./machine.ts";
import { type Config, projectRoot, readConfig } from "./read.ts";
import { readingOf } from "./reading.ts";
import type { Environment } from "./schema.ts";
import { type Capacity, ON_DEMAND, readCapacity } from "./settings/capacity.ts";
import { THREADS } from "./settings/compute.ts";
import { environmentOf } from "./settings/inherited.ts";
import { type Endpoint, LOG_LEVEL, readEndpoints } from "./settings/listening.ts";
import { type LocalLlmSettings, readLlm, readLocalLlm } from "./settings/llm.ts";
import { readSources } from "./settings/sources.ts";
import { KEEP_QUESTIONS } from "./settings/storage.ts";
import { FAILPOINT } from "./settings/surroundings.ts";
import { readDeployment } from "./settings/versions.ts";
import { type TemporalAccess, temporalAccess } from "./temporalAccess.ts";

/** Everything a worker reads from its environment. It is read once; the rest of the program takes options. */
export interface WorkerConfig extends Config {
  /** Folder of the clone, with `samples/` and the workflows. Relative paths of inputs are resolved against it. */
  root: string;
  temporal: TemporalAccess & { address: string };
  /** Name of this build in Worker Versioning; null for unversioned workers. */
  deployment: { name: string; buildId: string } | null;
  /** The operator's LLM endpoint; null answers by quotation. */
  llm: LlmSettings | null;
  /** The model that the worker runs itself, or null. */
  localLlm: LocalLlmSettings | null;
  /** Threads of native libraries; default: the container's limit, otherwise their own default. */
  threads: number | undefined;
  /** Allowed locations of docs, and the environment that git inherits. */
  sources: ReturnType<typeof readSources>;
  /** Keeps texts of questions in the records of answers. */
  keepQuestions: boolean;
  /** Limits of one process. */
  capacity: Capacity;
  /** Queues whose pool an autoscaler starts when a task waits. */
  onDemand: QueueName[];
  /** Address of `/healthz` and `/readyz`; null if off. */
  health: Endpoint | null;
  /** Address of Prometheus metrics; null if off. */
  metrics: Endpoint | null;
  logLevel: string;
  /** Failpoints for tests, as `name:action[,name:action]`. No effect unless set. */
  failpoint: string | null;
  /** Environment of compute processes: paths of programs and libraries, and no secrets. */
  computeEnv: Record<string, string>;
}

/** Reads the environment of a worker. Throws BadInput, which names the variable and the expected value. */
export function readWorkerConfig(env: Environment = process.env, machine: Machine = readMachine()): WorkerConfig {
  const reading = readingOf(env, machine);
  const temporal = temporalAccess(env);
  return {
    ...readConfig(reading),
    root: projectRoot,
    temporal: { ...temporal, address: temporal.address ?? "127.0.0.1:7233" },
    deployment: readDeployment(reading),
    llm: readLlm(reading),
    localLlm: readLocalLlm(reading),
    threads: reading.get(THREADS) ?? undefined,
    sources: readSources(reading),
    keepQuestions: reading.get(KEEP_QUESTIONS),
    capacity: readCapacity(reading),
    onDemand: reading.get(ON_DEMAND),
    ...readEndpoints(reading),
    logLevel: reading.get(LOG_LEVEL),
    failpoint: reading.get(FAILPOINT),
    computeEnv: environmentOf("compute", env),
  };
}
