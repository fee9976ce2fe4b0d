import type { Logger } from "pino";
import { openDoors } from "../client/openDoors.ts";
import { type HttpConfig, readHttpConfig } from "../config/httpConfig.ts";
import { isLoopback } from "../config/settings/http.ts";
import { withoutControls } from "../core/base/controls.ts";
import { messageOf } from "../core/base/errors.ts";
import { createLogger } from "../core/base/logger.ts";
import { createApp } from "./app.ts";
import { staysHere } from "./guards/deciders.ts";
import { createAssets } from "./page/assets.ts";
import { listen, listenNear } from "./server.ts";

/** Tried first if no port is given, and then the ports after it. */
const FIRST_PORT = 8090;

/**
 * The process of the API: `winnow up` and `winnow serve` start it, and so may an operator, beside any Temporal server.
 * Its argument shows in process lists whose API it is.
 */
async function main(): Promise<void> {
  const stopped = stopSignal();
  const config = readHttpConfig();
  const log = createLogger(config.logLevel, "winnow-api");
  const doors = await openDoors(config);
  const assets = createAssets();
  const app = createApp({ doors, access: config.http, causes: isPrivate(config), onFailure: failureLog(log), assets });
  const { host, port } = config.http;
  const server = await (port === null ? listenNear(app, { host, port: FIRST_PORT }) : listen(app, { host, port }));
  log.info({ host, port: server.port }, "ready");
  process.send?.({ type: "ready", port: server.port });
  // Made before the first browser asks for it. What fails here fails there again, and is told there.
  assets.script().catch(() => {});
  await stopped;
  log.info("stopping");
  await server.close(1000 * config.http.drainSeconds);
  await doors.close();
}

/** True if callers are on this machine, unless a proxy passes them on: its user may see addresses and folders. */
function isPrivate({ http }: HttpConfig): boolean {
  return isLoopback(http.host) && http.tokens.length === 0 && staysHere(http);
}

function failureLog(log: Logger) {
  return (thrown: unknown, requestId: string) => {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    log.error({ requestId, reason: messageOf(thrown), stack }, "a request failed");
  };
}

/** Resolves at the first signal to stop, or when the command that started this process is gone. */
function stopSignal(): Promise<void> {
  return new Promise((settle) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => settle());
    process.once("disconnect", settle);
    // The command may have been killed while this process was loading.
    if (process.send && !process.connected) settle();
  });
}

main().then(
  () => process.exit(0),
  (error) => {
    const reason = withoutControls(messageOf(error));
    process.stderr.write(`winnow API: ${reason}\n`);
    const leave = () => process.exit(1);
    if (process.send) process.send({ type: "failed", reason }, leave);
    else leave();
  },
);
