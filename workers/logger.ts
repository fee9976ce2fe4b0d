import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from "@temporalio/worker";
import pino, { type Logger } from "pino";
import type { Endpoint } from "./config.ts";

const LEVELS = { TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error" } as const;

/** JSON lines on stderr. */
export function createLogger(level: string): Logger {
  return pino({ name: "winnow", level, base: undefined }, pino.destination({ dest: 2, sync: true }));
}

/** Sends the Temporal SDK's own messages to the logger, and its metrics to Prometheus. Call once, before the first worker. */
export function installRuntime(log: Logger, metrics: Endpoint | null): void {
  const forward = ({ level, message, meta }: LogEntry) => log[LEVELS[level]](plain(meta), message);
  Runtime.install({
    logger: new DefaultLogger("INFO", forward),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: "WARN", other: "ERROR" }) },
      metrics: metrics ? { prometheus: { bindAddress: `${metrics.host}:${metrics.port}` } } : undefined,
    },
    // Signals are handled once, for all workers of the process, in serve.ts.
    shutdownSignals: [],
  });
}

function plain(meta: LogEntry["meta"]): Record<string, unknown> {
  const { error, ...rest } = meta ?? {};
  return error instanceof Error ? { ...rest, error: error.message } : { ...rest };
}
