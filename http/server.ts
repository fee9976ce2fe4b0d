import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { WinnowError } from "../core/base/errors.ts";
import type { App } from "./protocol.ts";

/** Time for the headers and for a whole request to arrive. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;

/** A server that listens. */
export interface Listening {
  port: number;
  /** Stops listening and ends all connections; questions under way are cancelled. */
  close(): Promise<void>;
}

/** Serves the app at an address; port 0 takes a free one. Throws BadInput if it cannot listen there. */
export async function listen(app: App, { host, port }: { host: string; port: number }): Promise<Listening> {
  const serverOptions = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
  await new Promise<void>((settle, fail) => {
    server.once("error", ({ message }) =>
      fail(new WinnowError("BadInput", `cannot listen on ${host}, port ${port}: ${message}`)),
    );
    server.listen(port, host, settle);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
