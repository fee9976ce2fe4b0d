import { port, text } from "../kinds.ts";
import { type Group, type Reading, setting } from "../schema.ts";

export interface Endpoint {
  host: string;
  port: number;
}

const HEALTH_PORT = setting({
  name: "WINNOW_HEALTH_PORT",
  kind: port,
  default: "none: nothing listens",
  help: "Port of `/healthz` (the process lives) and `/readyz` (it polls its queues, and Temporal answers).",
  readBy: ["workers", "containers"],
});

const METRICS_PORT = setting({
  name: "WINNOW_METRICS_PORT",
  kind: port,
  default: "none: nothing listens",
  help: "Port of `/metrics` for Prometheus. Worker processes on one machine need a port each.",
  readBy: ["workers"],
});

const LISTEN_HOST = setting({
  name: "WINNOW_LISTEN_HOST",
  kind: text,
  default: "`127.0.0.1`",
  help: "Address that the two ports above listen on.",
  readBy: ["workers"],
  fallback: () => "127.0.0.1",
});

export const LOG_LEVEL = setting({
  name: "WINNOW_LOG_LEVEL",
  kind: { ...text, type: "`trace`, `debug`, `info`, `warn` or `error`" },
  default: "`info`",
  help: "Least level of the log lines of workers and API.",
  readBy: ["workers", "api"],
  fallback: () => "info",
});

export const LISTENING: Group = {
  title: "Health, metrics and logs",
  about: "What a worker process shows of itself.",
  settings: [HEALTH_PORT, METRICS_PORT, LISTEN_HOST, LOG_LEVEL],
};

/** Addresses of the health and metrics servers; null for one that is off. */
export function readEndpoints({ get }: Reading): { health: Endpoint | null; metrics: Endpoint | null } {
  const endpoint = (given: number | null) => (given === null ? null : { host: get(LISTEN_HOST), port: given });
  return { health: endpoint(get(HEALTH_PORT)), metrics: endpoint(get(METRICS_PORT)) };
}
