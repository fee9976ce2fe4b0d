import { DefaultLogger, type LogEntry, type LogLevel, makeTelemetryFilterString, Runtime } from "@temporalio/worker";
import type { Logger } from "pino";
import { BUCKETS } from "../activities/metrics.ts";
import type { Endpoint } from "../config/settings/listening.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";

const LEVELS = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;

/** SDK log level for each range of pino levels. */
const SDK_LEVELS: [number, LogLevel][] = [
  [10, "TRACE"],
  [20, "DEBUG"],
  [30, "INFO"],
  [40, "WARN"],
];

/**
 * Sends the Temporal SDK's log messages to the logger, and its metrics and Winnow's to Prometheus, with durations in
 * seconds. Call once, before the first worker. Throws BadInput if the metrics port is unavailable.
 */
export function installRuntime(log: Logger, metrics: Endpoint | null): void {
  const forward = ({ level, message, meta }: LogEntry) => log[LEVELS[level]](plain(meta), message);
  const runtime = {
    logger: new DefaultLogger(sdkLevel(log), forward),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: "WARN", other: "ERROR" }) },
      metrics: metrics ? { prometheus: prometheusAt(metrics) } : undefined,
    },
    // serve.ts handles signals once for all workers of the process.
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

/** At `debug`, the SDK logs every start and end of activities and workflows. */
function sdkLevel({ levelVal }: Logger): LogLevel {
  return SDK_LEVELS.find(([bound]) => levelVal <= bound)?.[1] ?? "ERROR";
}

function prometheusAt({ host, port }: Endpoint) {
  const bindAddress = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { bindAddress, useSecondsForDurations: true, histogramBucketOverrides: BUCKETS };
}

/**
 * Uses the same names for runs and activities in every line. Drops the task token, whose holder can complete the
 * activity.
 */
function plain(meta: LogEntry["meta"]): Record<string, unknown> {
  const { error, taskToken, isLocal, workflowRunId, ...rest } = meta ?? {};
  const run = workflowRunId ? { runId: workflowRunId } : {};
  return { ...rest, ...run, ...(error === undefined ? {} : { error: error instanceof Error ? error.message : error }) };
}
