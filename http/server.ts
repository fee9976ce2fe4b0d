import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { WinnowError } from "../core/base/errors.ts";
import type { App } from "./protocol.ts";

/** Time for the headers and for a whole request to arrive. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
/** Longer than proxies keep an idle connection: they would send a request into one that has just been closed. */
const KEEP_ALIVE_MS = 75_000;
/** A client takes nothing for this time: longer than an answer without a stream may take. */
const STUCK_MS = 15 * 60_000;

/** Between two looks for connections that have become idle, while a server drains. */
const IDLE_CHECK_MS = 200;

/** A server that listens. */
export interface Listening {
  port: number;
  /**
   * Stops listening, waits for `drainMs` at most until the requests under way are answered, and ends all connections.
   * Questions that are still under way are cancelled.
   */
  close(drainMs?: number): Promise<void>;
}

/** Ports that are tried in turn. */
const PORTS = 100;

/** Serves the app at an address; port 0 takes a free one. Throws BadInput if it cannot listen there. */
export async function listen(app: App, place: Place): Promise<Listening> {
  return served(app, place).catch(({ message }) => {
    throw new WinnowError("BadInput", `cannot listen on ${place.host}, port ${place.port}: ${message}`);
  });
}

/** The same at this port or the next free one. */
export async function listenNear(app: App, { host, port: first }: Place): Promise<Listening> {
  for (let port = first; port < first + PORTS; port++) {
    const server = await served(app, { host, port }).catch((error) => {
      if (error.code !== "EADDRINUSE") throw new WinnowError("BadInput", `cannot listen on ${host}: ${error.message}`);
    });
    if (server) return server;
  }
  throw new WinnowError("BadInput", `no port from ${first} to ${first + PORTS - 1} is free on ${host}`);
}

interface Place {
  host: string;
  port: number;
  /** Time without a byte in either direction after which a connection is closed. */
  stuckMs?: number;
}

async function served(app: App, { host, port, stuckMs = STUCK_MS }: Place): Promise<Listening> {
  const serverOptions = {
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: HEADERS_MS / 2,
  };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
  server.setTimeout(stuckMs);
  await new Promise<void>((settle, fail) => {
    server.once("error", fail);
    server.listen(port, host, settle);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: (drainMs = 0) =>
      new Promise((settle) => {
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
        const late = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close(() => {
          clearInterval(idle);
          clearTimeout(late);
          settle();
        });
      }),
  };
}
