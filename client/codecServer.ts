import { createServer, type IncomingMessage, type Server } from "node:http";
import { bodyOf } from "../core/base/bodyOf.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { type Payload, PayloadEncryption } from "../core/base/payloadCodec.ts";
import type { PayloadKeys } from "../core/base/payloadKeys.ts";
import { type JsonPayload, payloadOfJson, payloadToJson } from "../core/base/sealedText.ts";

const LARGEST_BODY = 16 * 2 ** 20;

export interface CodecServerOptions {
  host: string;
  port: number;
  /** Origins of Web UIs whose requests from a browser are allowed. */
  origins: readonly string[];
}

/**
 * Serves Temporal's remote codec protocol, POST /encode and POST /decode of `{payloads: [...]}`, for the Web UI and
 * `temporal --codec-endpoint`. It has no password of its own: anyone who reaches it can read the payloads. Throws
 * BadInput when it cannot listen on the port.
 */
export async function serveCodec(keys: PayloadKeys, options: CodecServerOptions): Promise<Server> {
  const codec = new PayloadEncryption(keys);
  const server = createServer(async (request, response) => {
    const origin = request.headers.origin;
    if (origin && !options.origins.includes(origin))
      return void response.writeHead(403).end("this origin is not allowed\n");
    const headers: Record<string, string> = { "cache-control": "no-store", vary: "origin" };
    if (origin) {
      headers["access-control-allow-origin"] = origin;
      headers["access-control-allow-headers"] = "content-type, x-namespace, authorization";
      headers["access-control-allow-methods"] = "POST, OPTIONS";
      headers["access-control-allow-credentials"] = "true";
    }
    if (request.method === "OPTIONS") return void response.writeHead(204, headers).end();
    const work = { "/encode": codec.encode.bind(codec), "/decode": codec.decode.bind(codec) }[request.url ?? ""];
    if (!work || request.method !== "POST")
      return void response.writeHead(404, headers).end("POST /encode or /decode\n");
    try {
      const payloads = (await work(await readPayloads(request))).map(payloadToJson);
      headers["content-type"] = "application/json";
      response.writeHead(200, headers).end(JSON.stringify({ payloads }));
    } catch (error) {
      response.writeHead(400, headers).end(`${messageOf(error)}\n`);
    }
  });
  await new Promise<void>((settle, fail) => {
    server.once("error", (error) =>
      fail(new WinnowError("BadInput", `cannot listen on ${options.host}:${options.port}: ${error.message}`)),
    );
    server.listen(options.port, options.host, settle);
  });
  return server;
}

async function readPayloads(request: IncomingMessage): Promise<Payload[]> {
  const { payloads } = JSON.parse(await bodyOf(request, LARGEST_BODY)) as { payloads?: JsonPayload[] };
  if (!Array.isArray(payloads)) throw new WinnowError("BadInput", 'the body is not {"payloads": [...]}');
  return payloads.map(payloadOfJson);
}
