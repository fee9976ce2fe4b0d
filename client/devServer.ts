import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { temporalBinary } from "../config/cliConfig.ts";
import { environmentOf } from "../config/settings/inherited.ts";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { WinnowError } from "../core/base/errors.ts";
import { SET_UP } from "../core/base/ownModules.ts";
import { claimPort } from "./portClaims.ts";
import { freePort, isFree } from "./ports.ts";
import { commandLine } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { Part } from "./supervise.ts";
import { connectClient } from "./temporal.ts";

const END_MS = 10_000;

/** Temporal's dev server on the database in `home`. It keeps its ports when it is restarted. */
export interface DevServer extends Part {
  address: string;
  uiUrl: string;
  /** True if another process has taken one of its ports since they were chosen. Asked after a failed start. */
  lostPort(): Promise<boolean>;
}

/** Chooses ports for a dev server on the database in `home`. Throws TemporalUnreachable if there is no binary. */
export async function devServer(config: StackSettings): Promise<DevServer> {
  const binary = temporalBinary(config);
  if (!binary)
    throw new WinnowError(
      "TemporalUnreachable",
      `There is no Temporal server here. Run \`${SET_UP}\` to set one up, put the \`temporal\` CLI on PATH, or set TEMPORAL_ADDRESS to a running server.`,
    );
  const port = await claimPort(config.cache, 7233);
  const uiPort = await freePort(8233, [port]);
  const address = `127.0.0.1:${port}`;
  const log = join(config.home, "run", "temporal.log");
  return {
    name: "server",
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    log,
    graceMs: END_MS,
    start: () => start(binary, argumentsOf(config, port, uiPort), log, config),
    ready: (child) => ready(child, address, log, config),
    lostPort: async () => !(await isFree(port)) || !(await isFree(uiPort)),
  };
}

function argumentsOf(config: StackSettings, port: number, uiPort: number): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    "--search-attribute",
    `${name}=${type}`,
  ]);
  const ports = ["--ip", "127.0.0.1", "--port", `${port}`, "--ui-port", `${uiPort}`];
  const store = ["--db-filename", databaseOf(config), "--namespace", config.namespace];
  return ["server", "start-dev", ...ports, ...store, "--log-level", "warn", ...attributes];
}

function start(binary: string, args: string[], log: string, config: StackSettings): ChildProcess {
  const output = openSync(log, "a");
  // A process group of its own: Ctrl-C on the terminal must not reach the server before the workers have drained.
  const child = spawn(binary, args, {
    env: environmentOf("server", config.env),
    stdio: ["ignore", output, output],
    detached: true,
  });
  closeSync(output);
  return child;
}

/** True if the process is a dev server on the database of this home: another home's must never be used, or ended. */
export function servesHome(pid: number, config: Pick<StackSettings, "home">, address?: string): boolean {
  const line = `${commandLine(pid)} `;
  const port = address?.split(":").at(-1);
  return line.includes(` --db-filename ${databaseOf(config)} `) && (!port || line.includes(` --port ${port} `));
}

function databaseOf({ home }: Pick<StackSettings, "home">): string {
  return join(home, "run", "temporal.db");
}

async function ready(child: ChildProcess, address: string, log: string, config: StackSettings): Promise<void> {
  const died = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) =>
      fail(
        new WinnowError(
          "TemporalUnreachable",
          `The Temporal server stopped at start (${signal ?? `exit ${code}`}). Its log: ${log}`,
        ),
      ),
    );
  });
  died.catch(() => {});
  const client = await Promise.race([connectClient(address, config, 60), died]);
  await client.connection.close();
}
