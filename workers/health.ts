import { createServer } from "node:http";
import type { Endpoint } from "../config/settings/listening.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";

/** How long a server check is reused, so that frequent probes cost the server nothing. */
const FRESH_MS = 5000;

/** Why this process is not ready; null if it is. */
export type Readiness = () => string | null | Promise<string | null>;

/**
 * Serves `/healthz` (200 while this process responds) and `/readyz` (200 if `readiness` returns null, otherwise 503
 * with the reason). Returns a function that stops it. Throws BadInput if the port is unavailable.
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
    if (path !== "/readyz") return reply(404, "the paths are /healthz and /readyz");
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

/** Checks the server at most once in 5 s, regardless of the number of probes. */
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
