import { DefaultLogger, type LogEntry, type LogLevel, makeTelemetryFilterString, Runtime } from "@temporalio/worker";
import pino, { type Logger } from "pino";
import { BUCKETS } from "../activities/metrics.ts";
import type { Endpoint } from "../config/settings/listening.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";

const LEVELS = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;

/** Bounds of pino's levels: what the SDK is asked for at each. */
const SDK_LEVELS: [number, LogLevel][] = [
  [10, "TRACE"],
  [20, "DEBUG"],
  [30, "INFO"],
  [40, "WARN"],
];

/** JSON lines on stderr. */
export function createLogger(level: string): Logger {
  return pino({ name: "winnow", level, base: undefined }, pino.destination({ dest: 2, sync: true }));
}

/**
 * Sends the Temporal SDK's own messages to the logger, and its metrics and Winnow's to Prometheus, durations in
 * seconds. Call once, before the first worker. Throws BadInput when the port of the metrics cannot be had.
 */
export function installRuntime(log: Logger, metrics: Endpoint | null): void {
  const forward = ({ level, message, meta }: LogEntry) => log[LEVELS[level]](plain(meta), message);
  const runtime = {
    logger: new DefaultLogger(sdkLevel(log), forward),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: "WARN", other: "ERROR" }) },
      metrics: metrics ? { prometheus: prometheusAt(metrics) } : undefined,
    },
    // Signals are handled once, for all workers of the process, in serve.ts.
    shutdownSignals: [],
  };
  try {
    Runtime.install(runtime);
  } catch (error) {
    if (!metrics) throw error;
    const place = `${metrics.host}:${metrics.port}`;
    throw new WinnowError("BadInput", `WINNOW_METRICS_PORT: cannot listen on ${place}: ${messageOf(error)}`);
  }
}

/** With `debug` the SDK tells of every activity and workflow that starts and ends. */
function sdkLevel({ levelVal }: Logger): LogLevel {
  return SDK_LEVELS.find(([bound]) => levelVal <= bound)?.[1] ?? "ERROR";
}

function prometheusAt({ host, port }: Endpoint) {
  const bindAddress = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { bindAddress, useSecondsForDurations: true, histogramBucketOverrides: BUCKETS };
}

/** Runs and activities named alike in every line, and no task token: who has it can complete the activity. */
function plain(meta: LogEntry["meta"]): Record<string, unknown> {
  const { error, taskToken, isLocal, workflowRunId, ...rest } = meta ?? {};
  const run = workflowRunId ? { runId: workflowRunId } : {};
  return { ...rest, ...run, ...(error === undefined ? {} : { error: error instanceof Error ? error.message : error }) };
}
