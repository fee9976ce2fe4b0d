import { hostname } from "node:os";
import { join } from "node:path";
import { type NativeConnection, Runtime, Worker } from "@temporalio/worker";
import type { Logger } from "pino";
import { metricInterceptors } from "../activities/metrics.ts";
import { traceActivities, traceSinks } from "../activities/tracing.ts";
import { readWorkerConfig, type WorkerConfig } from "../config/workerConfig.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";
import { withoutControls } from "../core/base/controls.ts";
import { messageOf } from "../core/base/errors.ts";
import { createLogger } from "../core/base/logger.ts";
import { openTraces, type Traces } from "../core/base/otlp.ts";
import { presenceIdentity, type WorkersLlm } from "../core/upkeep/presence.ts";
import { presenceQueue } from "../core/upkeep/queueLoads.ts";
import { type Composition, compose } from "./compose.ts";
import { connectTemporal } from "./connect.ts";
import { startGauges } from "./gauges.ts";
import { cachedProbe, type Readiness, serveHealth } from "./health.ts";
import { type OpenedLlm, openWorkersLlm } from "./llm.ts";
import { installRuntime } from "./logger.ts";
import { encryption, limits, SHARED_OPTIONS, versioned } from "./options.ts";
import { workflowBundle } from "./workflowBundle.ts";

const PROBE_MS = 2000;

/**
 * Runs a worker process that polls these queues; exits 0 after SIGTERM. `tasks` is the module of the compute processes'
 * tasks and services; default: `core/stages/tasks.ts` and `services.ts`.
 */
export async function serve(queues: QueueName[], tasks?: string): Promise<void> {
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  try {
    const config = readWorkerConfig();
    const log = createLogger(config.logLevel);
    installRuntime(log, config.metrics);
    let readiness: Readiness = () => "waiting for Temporal";
    if (config.health) await serveHealth(config.health, () => (stop.signal.aborted ? "draining" : readiness()));
    const connection = await connectTemporal(config.temporal, log, stop.signal);
    if (connection) {
      const llm = await openWorkersLlm(queues, config, { log, stop: stop.signal });
      const composition = await compose(config, { connection, llm, log }, tasks);
      const onRunning = (workers: Worker[]) => {
        readiness = readinessOf(workers, connection, config.temporal.namespace);
      };
      await work(queues, config, { composition, connection, llm, log, stop: stop.signal, onRunning });
    }
    process.exit(0);
  } catch (error) {
    process.stderr.write(`winnow worker: ${withoutControls(messageOf(error))}\n`);
    process.exit(1);
  }
}

/** Ready if every worker polls its queue and the server answers. */
function readinessOf(workers: Worker[], connection: NativeConnection, namespace: string): Readiness {
  const probe = cachedProbe(() =>
    connection.withDeadline(Date.now() + PROBE_MS, () => connection.workflowService.describeNamespace({ namespace })),
  );
  return () => {
    const idle = workers.find((worker) => worker.getState() !== "RUNNING");
    return idle ? `${idle.options.taskQueue} is ${idle.getState().toLowerCase()}` : probe();
  };
}

/** The first signal drains the workers; a second one exits at once. Workers started by the CLI stop when it exits. */
function onStopSignal(stop: () => void): void {
  let asked = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (asked) process.exit(130);
      asked = true;
      stop();
    });
  process.once("disconnect", stop);
  // The CLI may have been killed while this process was loading.
  if (process.send && !process.connected) stop();
}

async function work(
  queues: QueueName[],
  config: WorkerConfig,
  parts: {
    composition: Composition;
    connection: NativeConnection;
    llm: OpenedLlm;
    log: Logger;
    stop: AbortSignal;
    onRunning: (workers: Worker[]) => void;
  },
): Promise<void> {
  const { composition, connection, llm, log, stop } = parts;
  const traces = config.traces && openTraces(config.traces, (reason) => log.warn(reason));
  const workers = [
    ...(await createWorkers(queues, { composition, connection, traces }, config)),
    ...(await presenceWorkers(queues, connection, config.temporal.namespace, llm.report)),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  parts.onRunning(workers);
  const drain = () => {
    log.info("draining");
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  if (stop.aborted) drain();
  else stop.addEventListener("abort", drain);
  if (config.metrics) {
    const { namespace } = config.temporal;
    startGauges(Runtime.instance().metricMeter, { releases: composition.releases, connection, namespace }, log, stop);
  }
  log.info({ queues, home: config.home, llm: llm.report.model }, "ready");
  process.send?.({ type: "ready", queues });
  // A read-only worker, or one whose store is down, still works.
  composition.sweep(queues.includes(QUEUES.cpu) ? "everywhere" : "here").catch((error) => {
    log.warn({ reason: messageOf(error) }, "cannot sweep the leftovers of dead writers");
  });
  await running;
  await traces?.close();
  await composition.close();
  llm.close();
  await connection.close();
}

/**
 * Idle workers whose polling shows that this process serves its queues, however busy it is. Their identity reports its
 * LLM.
 */
function presenceWorkers(
  queues: QueueName[],
  connection: NativeConnection,
  namespace: string,
  llm: WorkersLlm,
): Promise<Worker[]> {
  const identity = presenceIdentity(`${process.pid}@${hostname()}`, llm);
  return Promise.all(
    queues.map((queue) =>
      Worker.create({
        connection,
        namespace,
        identity,
        taskQueue: presenceQueue(queue),
        activities: { nothing: async () => {} },
        maxConcurrentActivityTaskExecutions: 1,
        maxConcurrentActivityTaskPolls: 1,
      }),
    ),
  );
}

/** Creates one worker per queue. The worker of `winnow` runs the workflows. */
export async function createWorkers(
  queues: QueueName[],
  {
    composition,
    connection,
    traces,
  }: { composition: Composition; connection: NativeConnection; traces: Traces | null },
  {
    cache,
    temporal,
    capacity,
    deployment,
    payloadKeys,
  }: Pick<WorkerConfig, "cache" | "temporal" | "capacity" | "deployment" | "payloadKeys">,
): Promise<Worker[]> {
  const activity = [
    ...SHARED_OPTIONS.interceptors.activity,
    metricInterceptors(Runtime.instance().metricMeter),
    ...(traces ? [traceActivities(traces)] : []),
  ];
  const how = { traced: traces !== null, encrypted: payloadKeys !== null };
  const bundle = queues.includes(QUEUES.main) ? await workflowBundle(join(cache, "workflows"), how) : undefined;
  return Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        ...SHARED_OPTIONS,
        ...versioned(deployment),
        ...encryption(payloadKeys),
        interceptors: { activity },
        ...(traces ? { sinks: traceSinks(traces) } : {}),
        connection,
        namespace: temporal.namespace,
        taskQueue,
        activities: composition.activities[taskQueue],
        ...limits(taskQueue, capacity),
        ...(taskQueue === QUEUES.main ? { workflowBundle: bundle } : {}),
      }),
    ),
  );
}
