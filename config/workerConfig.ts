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
import { readLlm } from "./settings/llm.ts";
import { readSources } from "./settings/sources.ts";
import { FAILPOINT } from "./settings/surroundings.ts";
import { readDeployment } from "./settings/versions.ts";
import { type TemporalAccess, temporalAccess } from "./temporalAccess.ts";

/** Everything a worker takes from its environment. Read once; the rest of the program takes options. */
export interface WorkerConfig extends Config {
  /** Folder of the clone: `samples/` and the workflows lie below it, and relative paths of inputs mean it. */
  root: string;
  temporal: TemporalAccess & { address: string };
  /** What Worker Versioning calls this build; null: workers without versions. */
  deployment: { name: string; buildId: string } | null;
  /** The operator's endpoint; null answers by quotation. */
  llm: LlmSettings | null;
  /** Threads of native libraries; default: what a container is limited to, else as many as they choose. */
  threads: number | undefined;
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
  logLevel: string;
  /** `name:action[,name:action]`: where this process is to fail, for tests. Inert unless set. */
  failpoint: string | null;
  /** What compute processes inherit: where programs and libraries lie, and nothing secret. */
  computeEnv: Record<string, string>;
}

/** Reads the environment of a worker. Throws BadInput that names a variable and says what to give. */
export function readWorkerConfig(env: Environment = process.env, machine: Machine = readMachine()): WorkerConfig {
  const reading = readingOf(env, machine);
  const temporal = temporalAccess(env);
  return {
    ...readConfig(reading),
    root: projectRoot,
    temporal: { ...temporal, address: temporal.address ?? "127.0.0.1:7233" },
    deployment: readDeployment(reading),
    llm: readLlm(reading),
    threads: reading.get(THREADS) ?? undefined,
    sources: readSources(reading),
    capacity: readCapacity(reading),
    onDemand: reading.get(ON_DEMAND),
    ...readEndpoints(reading),
    logLevel: reading.get(LOG_LEVEL),
    failpoint: reading.get(FAILPOINT),
    computeEnv: environmentOf("compute", env),
  };
}
