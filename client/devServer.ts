import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { temporalBinary } from "../config/cliConfig.ts";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { WinnowError } from "../core/base/errors.ts";
import { freePort } from "./ports.ts";
import { isAlive } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import { connectClient } from "./temporal.ts";

/** A Temporal dev server that this process started. */
export interface DevServer {
  child: ChildProcess;
  address: string;
  uiUrl: string;
}

/** Starts Temporal's dev server on the database in `home` and waits until it answers. Throws TemporalUnreachable. */
export async function startDevServer(config: StackSettings): Promise<DevServer> {
  const binary = temporalBinary(config);
  if (!binary)
    throw new WinnowError(
      "TemporalUnreachable",
      "There is no Temporal server here. Run `npm start` once to set one up, put the `temporal` CLI on PATH, or set TEMPORAL_ADDRESS to a running server.",
    );
  const port = await freePort(7233);
  const uiPort = await freePort(8233);
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    "--search-attribute",
    `${name}=${type}`,
  ]);
  const output = openSync(join(config.home, "run", "temporal.log"), "a");
  const child = spawn(
    binary,
    [
      "server",
      "start-dev",
      "--ip",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--ui-port",
      `${uiPort}`,
      "--db-filename",
      databaseOf(config),
    ].concat(["--namespace", config.namespace, "--log-level", "warn"], attributes),
    // A process group of its own: Ctrl-C on the terminal must not reach the server before the workers have drained.
    { stdio: ["ignore", output, output], detached: true },
  );
  const address = `127.0.0.1:${port}`;
  await ready(child, address, config);
  return { child, address, uiUrl: `http://127.0.0.1:${uiPort}` };
}

/** Ends the server of a stack whose process was killed: two servers would damage one database file. */
export async function endOrphan(config: Pick<StackSettings, "home">, serverPid: number): Promise<void> {
  const args = spawnSync("ps", ["-o", "args=", "-p", `${serverPid}`], { encoding: "utf8" }).stdout ?? "";
  if (!args.includes(databaseOf(config))) return;
  process.kill(serverPid, "SIGTERM");
  for (let waited = 0; waited < 10_000 && isAlive(serverPid); waited += 100) await delay(100);
  if (isAlive(serverPid)) process.kill(serverPid, "SIGKILL");
}

function databaseOf({ home }: Pick<StackSettings, "home">): string {
  return join(home, "run", "temporal.db");
}

async function ready(child: ChildProcess, address: string, config: StackSettings): Promise<void> {
  const died = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", (code) =>
      fail(
        new WinnowError(
          "TemporalUnreachable",
          `The Temporal server stopped at start (exit ${code}). Its log: ${join(config.home, "run", "temporal.log")}`,
        ),
      ),
    );
  });
  died.catch(() => {});
  const client = await Promise.race([connectClient(address, config, 60), died]);
  await client.connection.close();
}
