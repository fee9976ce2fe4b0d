import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import type { StackSettings } from "./settings.ts";
import { serverAddress } from "./stack.ts";
import { connectClient } from "./temporal.ts";

/**
 * Runs `work` with a client of a server that stays: the configured one, or the one of `winnow up`. `why` completes the
 * message if there is none. Throws TemporalUnreachable, and what `work` throws.
 *
 * @example
 * const schedules = await withServer(config, "a schedule lives on one", listSchedules);
 */
export async function withServer<T>(
  config: StackSettings,
  why: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return withServerIfAny(config, (client) => {
    if (client) return work(client);
    throw new WinnowError(
      "TemporalUnreachable",
      `No Temporal server runs here, and ${why}. Start it with \`npx winnow up\`, or set TEMPORAL_ADDRESS.`,
    );
  });
}

/**
 * Runs `work` with a client of such a server; with null if there is none. Throws TemporalUnreachable for a configured
 * server that does not answer, and what `work` throws.
 */
export async function withServerIfAny<T>(
  config: StackSettings,
  work: (client: Client | null) => Promise<T>,
): Promise<T> {
  const address = await serverAddress(config);
  const client = address ? await connectClient(address, config) : null;
  try {
    return await work(client);
  } finally {
    await client?.connection.close();
  }
}
