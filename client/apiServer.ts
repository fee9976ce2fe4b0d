import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readHttpConfig } from "../config/httpConfig.ts";
import { HTTP_PORT } from "../config/settings/http.ts";
import { ownModule } from "../core/base/ownModules.ts";
import { forkPart, readyMessage } from "./forkPart.ts";
import { commandLine } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { Part } from "./supervise.ts";

const MAIN = fileURLToPath(ownModule("../http/main.ts", import.meta.url));

/** Time to end the connections and the compute processes. */
const END_MS = 5000;

/** The HTTP API in a process of its own. It keeps its port when it is restarted. */
export interface ApiServer extends Part {
  /** Known once it is ready. */
  url(): string;
}

/**
 * The API of this home for the Temporal server at `address`. Its start throws BadInput when it cannot listen, and
 * ComputeCrashed when it ends before it is ready.
 */
export function apiServer(config: StackSettings, address: string): ApiServer {
  const log = join(config.home, "run", "api.log");
  const { host } = readHttpConfig(config.env).http;
  let port: number | null = null;
  return {
    name: "api",
    log,
    graceMs: END_MS,
    url: () => `http://${shownHost(host)}:${port}`,
    start: () => forkPart(MAIN, config, { address, log, env: port === null ? {} : { [HTTP_PORT.name]: `${port}` } }),
    ready: async (child) => {
      ({ port } = await readyMessage<{ port: number }>(child, "The API", log));
    },
  };
}

/** True if the process is the API of this home. */
export function servesApiOf(pid: number, { home }: Pick<StackSettings, "home">): boolean {
  return commandLine(pid).endsWith(`${MAIN} ${home}`);
}

/** The address as a browser on this machine reaches it. */
function shownHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
