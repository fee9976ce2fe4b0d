import type { Client } from "@temporalio/client";
import type { Payload } from "@temporalio/common";

/** A payload without the codecs of the client's connection. */
export async function decodedPayload(client: Client, payload: Payload): Promise<Payload> {
  let payloads = [payload];
  for (const codec of client.options.loadedDataConverter.payloadCodecs) payloads = await codec.decode(payloads);
  return payloads[0]!;
}

/** Value of a JSON payload; undefined if it stays encrypted, because its key is not set here. */
export async function jsonOf(client: Client, payload: Payload): Promise<unknown> {
  const { metadata, data } = await decodedPayload(client, payload);
  const encoding = Buffer.from(metadata?.encoding ?? []).toString();
  return encoding === "json/plain" && data ? JSON.parse(Buffer.from(data).toString("utf8")) : undefined;
}
