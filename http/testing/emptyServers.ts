import { type OpenDoors, openDoors } from "../../client/openDoors.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { Access } from "../access.ts";
import { createApp } from "../app.ts";
import type { App } from "../protocol.ts";

const ACCESS: Access = { allowedHosts: [], origins: [], tokens: [], ratePerMinute: 600, questionsAtOnce: 4 };

type Init = Omit<RequestInit, "headers"> & { headers?: object };

/**
 * Servers on a home where nothing serves and no Temporal server runs: what passes the guards ends with 404 or 503.
 */
export class EmptyServers {
  /** Ids of the requests whose failures were logged. */
  readonly failures: string[] = [];

  private constructor(private readonly doors: OpenDoors) {}

  static async open(): Promise<EmptyServers> {
    return new EmptyServers(
      await openDoors(readCliConfig({ WINNOW_HOME: "/nonexistent-winnow-home", TEMPORAL_CONFIG_FILE: "" })),
    );
  }

  app(access: Partial<Access> = {}, causes = true): App {
    const onFailure = (_: unknown, id: string) => void this.failures.push(id);
    return createApp({ doors: this.doors, access: { ...ACCESS, ...access }, causes, onFailure });
  }

  close(): Promise<void> {
    return this.doors.close();
  }
}

export function call(on: App, path: string, { headers = {}, ...init }: Init = {}) {
  return on.request(path, { ...init, headers: { host: "localhost:8090", ...headers } });
}

/** Reads an answer, for which there is no Temporal server. */
export function get(on: App, headers: object = {}, path = "/v1/asks/ask-0") {
  return call(on, path, { headers });
}

/** Searches, where no release serves. */
export function post(on: App, body: RequestInit["body"], headers: object = {}) {
  const all = { "content-type": "application/json", ...headers };
  return call(on, "/v1/search", { method: "POST", body, headers: all, duplex: "half" } as Init);
}

export async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}
