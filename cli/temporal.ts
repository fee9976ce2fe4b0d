import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { WinnowError } from "../core/errors.ts";
import { PayloadEncryption } from "../core/security/payloadCodec.ts";
import type { CliConfig } from "./config.ts";
import { traceStarts } from "./trace.ts";

/** What of the configuration a connection needs. */
export type Access = Pick<CliConfig, "namespace" | "payloadKeys">;

const ENCODED_FAILURES = fileURLToPath(new URL("../workflows/encodedFailures.cjs", import.meta.url));

/** Connects a client, waiting up to `seconds` for the server to answer. Throws TemporalUnreachable. */
export async function connectClient(address: string, { namespace, payloadKeys }: Access, seconds = 5): Promise<Client> {
  const dataConverter = payloadKeys && {
    payloadCodecs: [new PayloadEncryption(payloadKeys)],
    failureConverterPath: ENCODED_FAILURES,
  };
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 2000 });
      const client = new Client({
        connection,
        namespace,
        ...(dataConverter ? { dataConverter } : {}),
        interceptors: { workflow: [traceStarts] },
      });
      await client.workflowService.describeNamespace({ namespace });
      return client;
    } catch (error) {
      if (Date.now() > deadline)
        throw new WinnowError(
          "TemporalUnreachable",
          `No Temporal server answers at ${address} (namespace ${namespace}). Start one with \`npx winnow up\`, or set TEMPORAL_ADDRESS to a running one.`,
          { cause: undefined },
        );
      if (/not found/i.test(String(error)) && Date.now() > deadline - 1000) throw error;
      await new Promise((settle) => setTimeout(settle, 200));
    }
  }
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
