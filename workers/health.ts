import { createServer } from "node:http";
import type { Endpoint } from "../config/settings/listening.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";

/** A stale answer about the server is taken for this long, so that probes cost it nothing. */
const FRESH_MS = 5000;

/** What stands in the way of work; null: ready. */
export type Readiness = () => string | null | Promise<string | null>;

/**
 * Answers `/healthz` (200 while this process answers at all) and `/readyz` (200 when `readiness` gives null, else 503
 * with the reason). Gives the way to stop. Throws BadInput when the port cannot be had.
 */
export async function serveHealth({ host, port }: Endpoint, readiness: Readiness): Promise<() => void> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split("?")[0];
    const reply = (status: number, text: string) => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : `${text}\n`);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return reply(405, "only GET and HEAD");
    if (path === "/healthz") return reply(200, "alive");
    if (path !== "/readyz") return reply(404, "there is /healthz and /readyz");
    const reason = await Promise.resolve().then(readiness).catch(messageOf);
    reply(reason === null ? 200 : 503, reason ?? "ready");
  });
  await new Promise<void>((settle, fail) => {
    server.once("error", (error) =>
      fail(new WinnowError("BadInput", `WINNOW_HEALTH_PORT: cannot listen on ${host}:${port}: ${error.message}`)),
    );
    server.listen(port, host, settle);
  });
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

/** Asks at most once in 5 s whether the server answers, however often it is probed. */
export function cachedProbe(ask: () => Promise<unknown>, now: () => number = Date.now): Readiness {
  let answer: Promise<string | null> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (answer === null || now() - askedAt > FRESH_MS) {
      askedAt = now();
      answer = ask().then(
        () => null,
        (error) => `Temporal does not answer: ${messageOf(error).split("\n")[0]}`,
      );
    }
    return answer;
  };
}
