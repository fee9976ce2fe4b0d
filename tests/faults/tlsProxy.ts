import { once } from "node:events";
import { connect, createSecureServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Authority } from "../certificates.ts";

/** A TLS edge, like that of a cloud, in front of a plain-text Temporal server. */
export interface TlsProxy {
  address: string;
  /** Received values of `authorization`. */
  authorizations: Set<string | undefined>;
  /** Common names of the received client certificates. */
  clients: Set<string>;
  close(): void;
}

const UNAUTHENTICATED = { ":status": 200, "content-type": "application/grpc", "grpc-status": "16" };

/**
 * Terminates TLS with a required client certificate of the authority, and forwards calls to the server at `port`. With
 * `apiKey`, it refuses calls without the key like Temporal Cloud.
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

/** Forwards one call: bodies in both directions, and the trailers with gRPC's status. */
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

/** Header fields without HTTP/2 pseudo-headers, except the status. */
function plain(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name === ":status" || !name.startsWith(":")));
}
