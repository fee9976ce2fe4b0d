import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { CREDENTIAL_SETTINGS } from "../config/temporalAccess.ts";
import { WinnowError } from "../core/base/errors.ts";
import { PayloadEncryption } from "../core/base/payloadCodec.ts";
import type { Access } from "./settings.ts";
import { traceStarts } from "./trace.ts";

/** gRPC status codes. */
const status = { UNAUTHENTICATED: 16, PERMISSION_DENIED: 7 };

const ENCODED_FAILURES = fileURLToPath(new URL("../workflows/encodedFailures.cjs", import.meta.url));

/**
 * Connects a client, waiting up to `seconds` for the server to answer. Credentials go to the configured server alone; the
 * embedded one has none. The caller closes the connection. Throws TemporalUnreachable.
 *
 * @example
 * const client = await connectClient("127.0.0.1:7233", { namespace: "default", payloadKeys: null });
 * const { answer } = await ask(client, "how do I restart a deployment?");
 * await client.connection.close();
 */
export async function connectClient(address: string, access: Access, seconds = 5): Promise<Client> {
  const { namespace, payloadKeys } = access;
  const credentials = (address === access.temporalAddress && access.credentials) || {};
  const dataConverter = payloadKeys && {
    payloadCodecs: [new PayloadEncryption(payloadKeys)],
    failureConverterPath: ENCODED_FAILURES,
  };
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      const connection = await Connection.connect({ ...credentials, address, connectTimeout: 2000 });
      const client = new Client({
        connection,
        namespace,
        ...(dataConverter ? { dataConverter } : {}),
        interceptors: { workflow: [traceStarts] },
      });
      await client.workflowService.describeNamespace({ namespace });
      return client;
    } catch (error) {
      if (Date.now() > deadline || refuses(error)) throw unreachable(address, access, error);
      if (/not found/i.test(String(error)) && Date.now() > deadline - 1000) throw error;
      await new Promise((settle) => setTimeout(settle, 200));
    }
  }
}

/** The server rejects the caller's identity or rights, so neither waiting nor a retry helps. */
function refuses(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED || refuses(error.cause);
}

function unreachable(address: string, access: Access, error: unknown): WinnowError {
  const place = `at ${address} (namespace ${access.namespace})`;
  const secured = address === access.temporalAddress && Object.values(access.credentials ?? {}).some(Boolean);
  const message = secured
    ? `The Temporal server ${place}, named by ${access.temporalOrigin}, cannot be used: ${refuses(error) ? "it refuses this caller" : "the TLS connection fails"}. Check the address and ${CREDENTIAL_SETTINGS}.`
    : `No Temporal server answers ${place}. Start one with \`npx winnow up\`, or set TEMPORAL_ADDRESS to a running one.`;
  return new WinnowError("TemporalUnreachable", message, { cause: undefined });
}

/** True when a server answers at the address within a second or two. */
export async function answers(address: string, access: Access): Promise<boolean> {
  try {
    const client = await connectClient(address, access, 0);
    await client.connection.close();
    return true;
  } catch {
    return false;
  }
}
