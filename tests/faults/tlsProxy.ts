import { once } from "node:events";
import { connect, createSecureServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Authority } from "../certificates.ts";

/** What stands before a Temporal server that only speaks plain text, as a cloud's edge does. */
export interface TlsProxy {
  address: string;
  /** Values of `authorization` seen so far. */
  authorizations: Set<string | undefined>;
  /** Common names of the client certificates seen so far. */
  clients: Set<string>;
  close(): void;
}

const UNAUTHENTICATED = { ":status": 200, "content-type": "application/grpc", "grpc-status": "16" };

/**
 * Asks each client for a certificate of the authority, ends TLS and hands the calls on to the server at `port`. With
 * `apiKey`, calls that do not carry it are refused as Temporal Cloud refuses them.
 */
export async function startTlsProxy(port: number, authority: Authority, apiKey?: string): Promise<TlsProxy> {
  const identity = { ...authority.issue("server"), ca: authority.cert };
  const server = createSecureServer({ ...identity, requestCert: true, rejectUnauthorized: true });
  const upstream = connect(`http://127.0.0.1:${port}`);
  const sessions = new Set<Http2Session>();
  const authorizations = new Set<string | undefined>();
  const clients = new Set<string>();
  upstream.on("error", () => {});
  server.on("tlsClientError", () => {});
  server.on("sessionError", () => {});
  server.on("secureConnection", (socket) => clients.add(`${socket.getPeerCertificate().subject?.CN}`));
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    authorizations.add(headers.authorization);
    if (apiKey && headers.authorization !== `Bearer ${apiKey}`)
      return void stream.respond(UNAUTHENTICATED, { endStream: true });
    forward(stream, upstream.request({ ...headers, ":authority": undefined, ":scheme": "http" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    clients,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
      upstream.destroy();
    },
  };
}

/** One call: bodies both ways, and the trailers that carry gRPC's status. */
function forward(stream: ServerHttp2Stream, call: ReturnType<ReturnType<typeof connect>["request"]>): void {
  let trailers = {};
  call.on("error", () => stream.destroy());
  call.on("trailers", (received) => {
    trailers = plain(received);
  });
  call.on("response", (received, flags) => {
    if (stream.destroyed) return;
    const ended = (flags & 1) === 1;
    stream.respond(plain(received), { endStream: ended, waitForTrailers: !ended });
    if (!ended) call.pipe(stream);
  });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.on("close", () => call.close());
  stream.pipe(call);
}

/** Header fields without those of HTTP/2 itself but the status. */
function plain(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name === ":status" || !name.startsWith(":")));
}
